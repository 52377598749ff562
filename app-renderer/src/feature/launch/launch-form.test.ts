import type { ConnectionUri } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { emptyForm, hasProfile, toggleProfile, wishOf, wrongWith } from './launch-form.ts'

const uri = 'lxd:///' as ConnectionUri
const form = (part: object = {}) => ({ ...emptyForm(uri), image: 'micro', name: 'web', ...part })
const taken = new Set(['db'])

test('says what is wrong, field by field', () => {
  expect(wrongWith(form(), taken)).toEqual({})
  expect(wrongWith(emptyForm(uri), taken)).toEqual({ image: 'imageEmpty', name: 'nameBad' })
  for (const name of ['-a', 'a-', 'a b', 'a/b', '9', 'ä', 'a'.repeat(64)])
    expect(wrongWith(form({ name }), taken), name).toEqual({ name: 'nameBad' })
  expect(wrongWith(form({ name: ' db ' }), taken)).toEqual({ name: 'nameTaken' })
  for (const cpus of ['0', '-1', '1.5', 'many', '99999'])
    expect(wrongWith(form({ cpus }), taken), cpus).toEqual({ cpus: 'cpusBad' })
  for (const memory of ['0', '-1', '1.5GiB', '512 MegaBytes', '10%', '4', '512kiB', '512KB'])
    expect(wrongWith(form({ memory }), taken), memory).toEqual({ memory: 'memoryBad' })
  expect(wrongWith(form({ disk: '8' }), taken)).toEqual({ disk: 'memoryBad' })
})

test('asks for what was filled in, and leaves the rest to LXD', () => {
  expect(wishOf(form())).toMatchObject({
    connection: uri,
    cpus: null,
    memory: null,
    network: null,
    profiles: 'default',
  })
  expect(
    wishOf(
      form({ name: ' web ', cpus: '2', memory: '512 MiB', disk: '8GiB', profiles: 'a, b', network: 'br0', vm: true }),
    ),
  ).toMatchObject({
    ...{ name: 'web', cpus: 2, memory: '512MiB', disk: '8GiB', profiles: 'a,b', network: 'br0', vm: true },
  })
})

test('profiles are put in at the end and taken out, wherever they stand', () => {
  expect(toggleProfile('default', 'web')).toBe('default,web')
  expect(toggleProfile(' default , web,', 'default')).toBe('web')
  expect(toggleProfile('', 'web')).toBe('web')
  expect([hasProfile('default, web', 'web'), hasProfile('webby', 'web'), hasProfile('', '')]).toEqual([
    true,
    false,
    false,
  ])
})
