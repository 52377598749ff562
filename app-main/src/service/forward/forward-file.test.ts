import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { domainId, ForwardId, type ForwardRule } from '../../contract/index.ts'
import { ForwardFile } from './forward-file.ts'

const rule = (id: string, part: Partial<ForwardRule> = {}): ForwardRule => ({
  ...{ id: ForwardId.parse(id), domain: domainId('k', 'memory:///x'), name: 'web', protocol: 'tcp' },
  ...{ address: '127.0.0.1', port: 8080, guestAddress: null, guestPort: 80 },
  ...part,
})
const written = (...forwards: readonly unknown[]): string => JSON.stringify({ version: 1, forwards })

describe('the file of forwards', () => {
  let folder = ''
  let path = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'forwards-'))
    path = join(folder, 'state', 'forwards.json')
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('is none, then holds what was put there, also by several processes at once', async () => {
    const [one, other] = [new ForwardFile(path), new ForwardFile(path)]
    expect(await one.read()).toEqual([])
    const heard = vi.fn()
    const watch = await other.watch(heard)
    const ids = Array.from({ length: 10 }, (_, at) => `0000000${at}`)
    await Promise.all(ids.map((id, at) => (at % 2 ? one : other).update(rules => [...rules, rule(id)])))
    expect((await one.read()).map(({ id }) => id).toSorted()).toEqual(ids)
    await vi.waitFor(() => expect(heard).toHaveBeenCalled())
    watch.dispose()
    expect(await readdir(join(folder, 'state'))).toEqual(['forwards.json'])
  })

  it.each([
    ['is cut off', '{"version":1,"forw'],
    ['is empty', ''],
    ['is of another kind', '[]'],
    ['is of a later version', JSON.stringify({ version: 2, forwards: [] })],
    ['holds a path for an id', written({ ...rule('00000000'), id: '../../x' })],
    ['holds an id twice', written(rule('00000000'), rule('00000000'))],
    ['holds a name for an address', written({ ...rule('00000000'), address: 'evil.example' })],
    ['holds a port that is none', written({ ...rule('00000000'), port: 70_000 })],
    ['holds another protocol', written({ ...rule('00000000'), protocol: 'udp' })],
    ['holds what Vireo does not know', written({ ...rule('00000000'), run: 'rm -rf /' })],
    ['holds too many', written(...Array.from({ length: 65 }, (_, at) => rule(String(10_000_000 + at))))],
    ['is huge', ' '.repeat(300_000)],
  ])('that %s is refused and left alone', async (_, text) => {
    await mkdir(join(folder, 'state'))
    await writeFile(path, text)
    const file = new ForwardFile(path)
    const refused = { detail: { kind: 'precondition', message: expect.stringContaining(path) } }
    await expect(file.read()).rejects.toMatchObject(refused)
    await expect(file.update(rules => [...rules, rule('00000001')])).rejects.toMatchObject(refused)
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(await readdir(join(folder, 'state'))).toEqual(['forwards.json'])
  })

  it('that is a pipe or a folder is refused, and nobody waits for it', async () => {
    await mkdir(join(folder, 'state'))
    await promisify(execFile)('mkfifo', [path])
    const refused = { detail: { kind: 'precondition' } }
    await expect(new ForwardFile(path).read()).rejects.toMatchObject(refused)
    await rm(path)
    await mkdir(path)
    await expect(new ForwardFile(path).read()).rejects.toMatchObject(refused)
  })

  it('stays as it was when a change is refused', async () => {
    const file = new ForwardFile(path)
    await file.update(() => [rule('00000000')])
    const change = file.update(() => {
      throw new Error('no')
    })
    await expect(change).rejects.toThrow('no')
    expect(await file.read()).toEqual([rule('00000000')])
  })
})
