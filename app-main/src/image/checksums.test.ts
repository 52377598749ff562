import { describe, expect, it } from 'vitest'
import { checksumFor, newestName, parseChecksum, parseSums } from './checksums.ts'

const A = 'a'.repeat(64)
const B = 'B'.repeat(128)

describe('lists of checksums', () => {
  it('are read in the GNU form, text and binary, with either length', () => {
    expect(parseSums(`${A}  one.img\n${A} *two.img\r\n${B}  ./three.img\n`)).toEqual([
      { algorithm: 'sha256', digest: A, file: 'one.img' },
      { algorithm: 'sha256', digest: A, file: 'two.img' },
      { algorithm: 'sha512', digest: B.toLowerCase(), file: 'three.img' },
    ])
  })

  it('are read in the BSD form, inside a signed text too', () => {
    const text = `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n# x.qcow2: 12 bytes\nSHA256 (x.qcow2) = ${A}\nSHA512 (x.qcow2) = ${B}\n-----BEGIN PGP SIGNATURE-----\n`
    expect(parseSums(text).map(({ algorithm, file }) => [algorithm, file])).toEqual([
      ['sha256', 'x.qcow2'],
      ['sha512', 'x.qcow2'],
    ])
  })

  it('hold no names that lead anywhere', () => {
    const evil = ['../../etc/passwd', '/etc/passwd', '.hidden', 'a/b', 'a\u001b[2J']
    expect(parseSums(evil.map(name => `${A}  ${name}\nSHA256 (${name}) = ${A}`).join('\n'))).toEqual([])
  })

  it('do not lie about the algorithm', () => {
    expect(parseSums(`SHA512 (x) = ${A}\nMD5 (x) = abc`)).toEqual([])
  })

  it('give the strongest checksum of a file, and a nameless one to whatever it stands beside', () => {
    expect(checksumFor(parseSums(`${A}  x\n${B}  x\n${A}  y`), 'x')).toMatchObject({ algorithm: 'sha512' })
    expect(checksumFor(parseSums(`${A}\n`), 'x')).toEqual({ algorithm: 'sha256', digest: A })
    expect(checksumFor(parseSums(`${A}\n${A}  y`), 'x')).toBeUndefined()
  })

  it('name the newest by its numbers', () => {
    expect(newestName(['a-3.9', 'a-3.10', 'b-4'], /^a-[\d.]+$/)).toBe('a-3.10')
    expect(newestName(['b'], /^a$/)).toBeUndefined()
  })
})

it('a checksum is typed with its algorithm or without', () => {
  expect(parseChecksum(`sha256:${A}`)).toEqual({ algorithm: 'sha256', digest: A })
  expect(parseChecksum(B)).toEqual({ algorithm: 'sha512', digest: B.toLowerCase() })
  for (const wrong of ['', 'abc', `sha512:${A}`, `${A}0`, `md5:${A}`]) expect(parseChecksum(wrong)).toBeUndefined()
})
