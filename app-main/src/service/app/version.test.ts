import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { VERSION } from './version.ts'

it('is what the packages say', () => {
  for (const path of ['../../../package.json', '../../../../package.json']) {
    const { version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }
    expect(VERSION).toBe(version)
  }
})
