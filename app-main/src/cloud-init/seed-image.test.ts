import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { hashPassword } from './password-hash.ts'
import { seedImage } from './seed-image.ts'

const run = promisify(execFile)
const documents = {
  userData: '#cloud-config\n',
  metaData: 'instance-id: x\n',
  networkConfig: 'version: 2\n',
  warnings: [],
}

let folder = ''
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'vireo-test-seed-'))))
afterEach(() => vi.unstubAllEnvs())
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a seed image', () => {
  it('is named cidata, holds the documents and files, and is the same every time', async () => {
    const files = [{ name: 'vireo-agent', bytes: Buffer.from([0, 1, 2, 255]) }]
    const image = await seedImage(documents, files)
    expect(image.equals(await seedImage(documents, files))).toBe(true)
    expect(image.equals(await seedImage({ ...documents, metaData: 'instance-id: y\n' }, files))).toBe(false)
    // Both names stand where every reader looks first: the primary descriptor, and Joliet's.
    expect(image.toString('latin1', 32_768 + 40, 32_768 + 46)).toBe('cidata')
    const path = join(folder, 'seed.iso')
    const out = join(folder, 'out')
    await writeFile(path, image)
    await mkdir(out)
    await run('xorriso', ['-osirrox', 'on', '-indev', path, '-extract', '/', out])
    expect((await readdir(out)).toSorted()).toEqual(['meta-data', 'network-config', 'user-data', 'vireo-agent'])
    expect(await readFile(join(out, 'user-data'), 'utf8')).toBe(documents.userData)
    expect(await readFile(join(out, 'meta-data'), 'utf8')).toBe(documents.metaData)
    expect(await readFile(join(out, 'network-config'), 'utf8')).toBe(documents.networkConfig)
    expect([...(await readFile(join(out, 'vireo-agent')))]).toEqual([0, 1, 2, 255])
  })

  it('leaves nothing behind, cancelled or not', async () => {
    // Of its own: other tests make seeds meanwhile.
    const place = await mkdtemp(join(folder, 'place-'))
    vi.stubEnv('TMPDIR', place)
    const controller = new AbortController()
    const writing = seedImage(documents, [], controller.signal)
    controller.abort(new Error('enough'))
    await expect(writing).rejects.toThrow('enough')
    for (const name of ['../escape', '/escape', '..', '', 'a=b', 'a\nb'])
      await expect(seedImage(documents, [{ name, bytes: Buffer.alloc(1) }])).rejects.toThrow('A seed holds no file')
    expect(await readdir(place)).toEqual([])
  })
})

describe('a password', () => {
  it('is hashed with a salt of its own, as crypt(3) would', async () => {
    const [one, two] = await Promise.all([hashPassword('hunter2 ü'), hashPassword('hunter2 ü')])
    expect(one).not.toBe(two)
    const salt = one.split('$')[2] ?? ''
    const { stdout } = await run('openssl', ['passwd', '-6', '-salt', salt, 'hunter2 ü'])
    expect(stdout.trim()).toBe(one)
  })

  it.each(['', 'two\nlines', 'nul\0', 'x'.repeat(300)])('is refused when no guest could take it', async password => {
    await expect(hashPassword(password)).rejects.toMatchObject({ detail: { kind: 'invalid-input' } })
  })
})
