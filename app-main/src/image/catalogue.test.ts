import { describe, expect, it } from 'vitest'
import { CATALOGUE, catalogueEntry, fill, keyFiles } from './catalogue.ts'
import { offers } from './resolve.ts'

const wanted = [
  ...['ubuntu-22.04', 'ubuntu-24.04', 'ubuntu-26.04', 'debian-11', 'debian-12', 'debian-13', 'fedora-43', 'arch'],
  ...['almalinux-9', 'rocky-9', 'oracle-9', 'alpine-3.23', 'opensuse-leap-16.0', 'freebsd-15.0', 'centos-stream-10'],
  ...['windows-server-2025', 'windows-server-2022', 'windows-11'],
]

/** Everything an address may be filled with, before and while it is looked up. */
const KNOWN = new Set(['version', 'major', 'codename', 'title', 'arch', 'folder', 'sums', 'url', 'release'])

const texts = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : value !== null && typeof value === 'object'
      ? Object.values(value).flatMap(texts)
      : []

describe('the catalogue', () => {
  it('has what was asked for, each under one id', () => {
    const ids = CATALOGUE.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(wanted.filter(id => !ids.includes(id))).toEqual([])
  })

  it('fills in every name', () => {
    for (const { name, osinfo, build } of CATALOGUE) expect([name, osinfo, build?.suite].join()).not.toMatch(/[{}]/)
    expect(catalogueEntry('debian-12')).toMatchObject({ name: 'Debian 12 (Bookworm)', build: { suite: 'bookworm' } })
  })

  it('uses only placeholders that something fills, patterns that compile, and addresses with encryption', () => {
    for (const entry of CATALOGUE)
      for (const location of [entry.image, entry.iso]) {
        for (const text of texts(location)) {
          for (const [, word = ''] of text.matchAll(/\{([a-z]+)\}/gi)) expect(KNOWN).toContain(word)
          if (text.includes('://')) expect(text).toMatch(/^https:\/\/[a-z]/)
        }
        if (location && 'file' in location)
          expect(() => new RegExp(fill(location.file, { version: '1' }))).not.toThrow()
        if (location && 'signature' in location && location.signature)
          expect(keyFiles(location.signature.key, { major: '9' }).files.length).toBeGreaterThan(0)
      }
  })

  it('suggests at least the minimum', () => {
    for (const { minimum, suggested } of CATALOGUE)
      for (const key of ['vcpus', 'memoryMiB', 'diskGiB'] as const)
        expect(suggested[key]).toBeGreaterThanOrEqual(minimum[key])
  })

  it('offers a cloud image of everything but Windows, and Windows from a file alone', () => {
    const without = CATALOGUE.filter(entry => !offers(entry, 'image', 'x86_64')).map(({ family }) => family)
    expect(new Set(without)).toEqual(new Set(['windows']))
    expect(offers(catalogueEntry('windows-11'), 'iso', 'x86_64')).toBe(false)
    expect(offers(catalogueEntry('arch'), 'image', 'aarch64')).toBe(false)
  })

  it('refuses what it does not have', () => {
    expect(() => catalogueEntry('plan-9')).toThrow('has no “plan-9”')
  })
})
