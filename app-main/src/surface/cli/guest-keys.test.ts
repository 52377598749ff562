import { expect, it } from 'vitest'
import { RemoteError } from '../../contract/index.ts'
import { keysAfter } from './guest-keys.ts'

const ann = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE1 ann@home'
const bob = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE2 bob'
const limited = 'command="true",no-pty ssh-rsa AAAAB3NzaC1yc2E= backup job'

it('a key is added once, whatever is written beside it', () => {
  expect(keysAfter([ann], { add: [bob, `${bob} again`, ann.replace('ann@home', 'me')], remove: [] })).toEqual([
    ann,
    bob,
  ])
})

it('a key goes by itself, and lines with options or without sense stay as they are', () => {
  const before = [limited, '# a remark', ann, bob]
  expect(keysAfter(before, { add: [], remove: [ann.replace(' ann@home', '')] })).toEqual([limited, '# a remark', bob])
  expect(keysAfter(before, { add: [], remove: ['ssh-rsa AAAAB3NzaC1yc2E='] })).toEqual(['# a remark', ann, bob])
  expect(keysAfter(before, { add: [], remove: [] })).toEqual(before)
})

it('a key that is not there is told, not passed over', () => {
  expect(() => keysAfter([ann], { add: [], remove: [bob] })).toThrow(RemoteError)
})

it('a key that is exchanged is one change', () => {
  expect(keysAfter([ann], { add: [bob], remove: [ann] })).toEqual([bob])
})
