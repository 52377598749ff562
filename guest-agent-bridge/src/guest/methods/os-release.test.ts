import { expect, test } from 'vitest'
import { parseOsRelease } from './os-release.ts'

test('reads quoted and bare values, and leaves out what is none', () => {
  const text = `NAME="Debian \\"GNU\\"/Linux"\nID=debian\nVARIANT='it is $HOME'\n# COMMENT=1\nlower=no\nEMPTY=\nBROKEN="open\n`
  expect([...parseOsRelease(text)]).toEqual([
    ['NAME', 'Debian "GNU"/Linux'],
    ['ID', 'debian'],
    ['VARIANT', 'it is $HOME'],
    ['EMPTY', ''],
    ['BROKEN', 'open'],
  ])
})
