import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SignedBy } from './resolve.ts'
import { checkSignature, signedText } from './signature.ts'
import { bench, type Bench } from './testing/bench.ts'
import { fileServer, type FileServer } from './testing/file-server.ts'

const run = promisify(execFile)
const none = new AbortController().signal
const SUMS = `${'a'.repeat(64)}  disk.img\n`

describe('a signature', () => {
  let place: Bench
  let server: FileServer
  const at = (name: string) => join(place.folder, name)
  const gpg = (home: string, ...args: string[]) =>
    run('gpg', ['--homedir', at(home), '--batch', '--yes', '--pinentry-mode', 'loopback', '--passphrase', '', ...args])

  beforeAll(async () => {
    place = await bench()
    server = await fileServer()
    await writeFile(at('sums'), SUMS)
    for (const who of ['vendor', 'stranger']) {
      await mkdir(at(who), { mode: 0o700 })
      await gpg(who, '--quick-generate-key', `${who}@example.org`, 'ed25519', 'sign', 'never')
      await gpg(who, '--output', at(`${who}.gpg`), '--export')
      await gpg(who, '--output', at(`${who}.asc`), '--armor', '--export')
      await gpg(who, '--output', at(`${who}.sig`), '--detach-sign', at('sums'))
      await gpg(who, '--output', at(`${who}.clear`), '--clear-sign', at('sums'))
      for (const kind of ['sig', 'clear']) server.put(`/${who}.${kind}`, await readFile(at(`${who}.${kind}`)))
      await run('gpgconf', ['--homedir', at(who), '--kill', 'all'])
    }
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await place[Symbol.asyncDispose]()
  })

  const check = (path: string, change: Partial<SignedBy> = {}, image = '') =>
    checkSignature(
      {
        ...{ address: server.origin + path, inline: false, text: Buffer.from(SUMS) },
        ...{ keys: { files: [at('none'), at('vendor.gpg')], package: 'vendor-keys' }, ...change },
      },
      image,
      { http: place.http, signal: none },
    )

  it('of the vendor is good, with binary keys and with armoured ones', async () => {
    expect(await check('/vendor.sig')).toMatchObject({ state: 'good', signer: expect.stringMatching(/^[0-9A-F]{40}$/) })
    const keys = { files: [at('vendor.asc')], package: 'x' }
    expect(await check('/vendor.sig', { keys })).toMatchObject({ state: 'good' })
  })

  it('over the image itself is checked too', async () => {
    const { text: _, ...rest } = { text: undefined, address: `${server.origin}/vendor.sig`, inline: false }
    const keys = { files: [at('vendor.gpg')], package: 'x' }
    const options = { http: place.http, signal: none }
    expect(await checkSignature({ ...rest, keys }, at('sums'), options)).toMatchObject({ state: 'good' })
    await expect(checkSignature({ ...rest, keys }, at('vendor.gpg'), options)).rejects.toThrow(
      'signature of this image is wrong',
    )
  })

  it('of a clear-signed list gives the text inside', async () => {
    expect(await check('/vendor.clear', { inline: true })).toMatchObject({ state: 'good', text: SUMS })
    const clear = await readFile(at('vendor.clear'), 'utf8')
    const forged = '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nforged\n-----BEGIN PGP SIGNATURE-----\n'
    for (const around of [`forged\n${clear}forged\n`, `${forged}\n${clear}`]) {
      server.put('/around', around)
      const found = await check('/around', { inline: true }).catch(() => ({ text: 'refused' }))
      expect(found.text).not.toContain('forged')
    }
  })

  it('that nobody can check gives the text inside too, whatever comes', async () => {
    const clear = await readFile(at('vendor.clear'), 'utf8')
    for (const text of [clear, clear.replaceAll('\n', '\r\n')]) expect(`${signedText(text)}\n`).toBe(SUMS)
    const begin = '-----BEGIN PGP SIGNED MESSAGE-----\n'
    // Eight MiB, for which looking again from each beginning would take hours.
    for (const hostile of [begin.repeat(240_000), `${begin}a: b\n`.repeat(200_000), `${begin}\n`.repeat(230_000)])
      expect(signedText(hostile)).toBe('')
  })

  it('by somebody else’s key, or over something else, or of nonsense, is refused', async () => {
    await expect(check('/stranger.sig')).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    await expect(check('/stranger.clear', { inline: true })).rejects.toMatchObject({ detail: { kind: 'precondition' } })
    await expect(check('/vendor.sig', { text: Buffer.from(`${SUMS}x`) })).rejects.toThrow(
      'signature of this image is wrong',
    )
    server.put('/nonsense', 'nonsense')
    await expect(check('/nonsense')).rejects.toThrow('signature of this image is wrong')
  })

  it('that cannot be checked says what is missing', async () => {
    const keys = { files: [at('nowhere.gpg')], package: 'vendor-keys' }
    expect(await check('/vendor.sig', { keys })).toMatchObject({
      state: 'unchecked',
      reason: expect.stringContaining('vendor-keys'),
    })
    expect(await check('/missing.sig')).toMatchObject({ state: 'unchecked' })
    await expect(check('/missing.clear', { inline: true })).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  })

  it('counts by a person’s own keys before those of the system', async () => {
    await mkdir(at('own'))
    await writeFile(at('own/vendor.gpg'), await readFile(at('stranger.gpg')))
    const signed = { address: `${server.origin}/stranger.sig`, inline: false, text: Buffer.from(SUMS) }
    const keys = { files: [at('vendor.gpg')], package: 'x' }
    const options = { http: place.http, signal: none, keyFolder: at('own') }
    expect(await checkSignature({ ...signed, keys }, '', options)).toMatchObject({ state: 'good' })
  })
})
