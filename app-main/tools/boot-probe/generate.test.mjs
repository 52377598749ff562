import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generate, target } from './generate.mjs'

const assembler = process.arch === 'x64' && ['as', 'ld', 'objcopy'].every(name => existsSync(`/usr/bin/${name}`))

test.runIf(assembler)('the committed guest is what its source says (where GNU as of x86 is there)', () => {
  expect(generate()).toBe(readFileSync(target, 'utf8'))
})
