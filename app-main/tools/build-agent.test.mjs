import { expect, test } from 'vitest'
import { compilersFor } from './build-agent.mjs'

const machine = (arch, ...commands) => ({ arch, hasCommand: name => commands.includes(name) })

test('our own processor needs only gcc', () => {
  expect(compilersFor('x64', machine('x64', 'gcc'))).toEqual({ name: 'x64', cc: 'gcc', hostCc: 'gcc' })
})

test('another one needs a cross compiler, and says which', () => {
  expect(compilersFor('arm64', machine('x64', 'gcc', 'aarch64-linux-gnu-gcc'))).toEqual({
    name: 'arm64',
    cc: 'aarch64-linux-gnu-gcc',
    hostCc: 'gcc',
  })
  expect(() => compilersFor('arm64', machine('x64', 'gcc'))).toThrow(
    'for arm64 the cross compiler aarch64-linux-gnu-gcc is missing; on Debian: gcc-aarch64-linux-gnu libc6-dev-arm64-cross',
  )
})

test('without gcc, or for a processor we do not know, there is no agent', () => {
  expect(() => compilersFor('x64', machine('x64'))).toThrow('install gcc and libc6-dev')
  expect(() => compilersFor('mips', machine('x64', 'gcc'))).toThrow('there are x64, arm64')
})
