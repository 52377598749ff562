import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fetchFile } from './fetch-file.ts'
import type { Resolved } from './resolve.ts'
import { bench, PLENTY, rawDisk, sha256, sha512 } from './testing/bench.ts'
import { fileServer } from './testing/file-server.ts'

const DISK = rawDisk(200_000)
const clearSigned = (text: string) =>
  `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${text}\n-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----\n`

it('a signed list must name the file, and agree with the index', async () => {
  await using server = await fileServer()
  await using place = await bench()
  server.put('/disk', DISK)
  const resolved: Resolved = {
    ...{ url: `${server.origin}/disk`, name: 'disk', checksum: { algorithm: 'sha256', digest: sha256(DISK) } },
    signature: { address: `${server.origin}/CHECKSUM`, inline: true, keys: { files: ['/nowhere'], package: 'keys' } },
  }
  const fetch = () =>
    fetchFile(resolved, {
      ...{ http: place.http, folder: join(place.folder, 'one'), free: PLENTY, keyFolder: undefined, retryMs: 1 },
      ...{ signal: new AbortController().signal, tell: () => undefined },
    })
  server.put('/CHECKSUM', clearSigned(`SHA256 (other) = ${sha256(DISK)}`))
  await expect(fetch()).rejects.toThrow('says what checksum disk must have')
  expect(server.requests).not.toContain('GET /disk')
  server.put('/CHECKSUM', clearSigned(`SHA512 (disk) = ${'0'.repeat(128)}`))
  await expect(fetch()).rejects.toThrow('checksum of this image is wrong')
  server.put('/CHECKSUM', clearSigned(`SHA512 (disk) = ${sha512(DISK)}`))
  expect(await fetch()).toMatchObject({ sha256: sha256(DISK), signature: { state: 'unchecked' } })
})
