import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { JsonFile, writeFileAtomic } from './json-file.ts'

const parse = (raw: unknown): number => {
  if (typeof raw !== 'number') throw new Error('not a number')
  return raw
}

describe('a JSON file', () => {
  let folder = ''
  const path = () => join(folder, 'config', 'n.json')
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'json-'))))
  afterEach(() => rm(folder, { recursive: true, maxRetries: 5 }))

  it('is its fallback until it is written, then only its owner reads it', async () => {
    const file = new JsonFile(path(), parse, 7)
    expect(await file.read()).toBe(7)
    expect(await file.update(value => value + 1)).toBe(8)
    expect(await new JsonFile(path(), parse, 7).read()).toBe(8)
    expect((await stat(path())).mode & 0o777).toBe(0o600)
    expect(await readdir(join(folder, 'config'))).toEqual(['n.json'])
  })

  it('loses no change of several processes', async () => {
    const program = `
      import { JsonFile } from ${JSON.stringify(new URL('./json-file.ts', import.meta.url).href)}
      const file = new JsonFile(process.argv[1], Number, 0)
      for (let at = 0; at < 25; at++) await file.update(value => value + 1)`
    const run = () =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program, path()], { timeout: 30_000 })
    await Promise.all([run(), run()])
    expect(await new JsonFile(path(), parse, 0).read()).toBe(50)
  })

  it('changes nothing when what is there cannot be read', async () => {
    await mkdir(path(), { recursive: true })
    await expect(new JsonFile(path(), parse, 7).update(value => value + 1)).rejects.toThrow('EISDIR')
    expect((await stat(path())).isDirectory()).toBe(true)
  })

  it('loses no change of several at once', async () => {
    const file = new JsonFile(path(), parse, 0)
    await Promise.all(Array.from({ length: 20 }, () => file.update(value => value + 1)))
    expect(await file.read()).toBe(20)
  })

  it.each(['{', '"text"', ''])('keeps a damaged document (%j) aside and says so', async text => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await mkdir(join(folder, 'config'))
    await writeFile(path(), text)
    expect(await new JsonFile(path(), parse, 7).read()).toBe(7)
    const [kept = ''] = await readdir(join(folder, 'config'))
    expect(kept).toMatch(/^n\.json\.damaged-/)
    expect(await readFile(join(folder, 'config', kept), 'utf8')).toBe(text)
    expect(said).toHaveBeenCalledWith(expect.stringContaining('damaged'))
    said.mockRestore()
  })

  it('hears of what another process wrote', async () => {
    const heard = vi.fn<(value: number) => void>()
    const watching = await new JsonFile(path(), parse, 0).watch(heard)
    await new JsonFile(path(), parse, 0).update(() => 5)
    await vi.waitFor(() => expect(heard).toHaveBeenLastCalledWith(5))
    watching.dispose()
  })

  it('writes through a link, and leaves nothing behind when it fails', async () => {
    await writeFile(join(folder, 'real'), 'old')
    await symlink(join(folder, 'real'), join(folder, 'link'))
    await writeFileAtomic(join(folder, 'link'), 'new')
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new')
    await mkdir(join(folder, 'taken'))
    await expect(writeFileAtomic(join(folder, 'taken'), 'x')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
    expect((await readdir(folder)).sort()).toEqual(['link', 'real', 'taken'])
  })
})
