import { image, type DomainId } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { type AddDraft, callOf, emptyAdd, faultsOf, freeId, usualName } from './add-draft.ts'

const NONE: ReadonlySet<string> = new Set()
const draft = (part: Partial<AddDraft>): AddDraft => ({ ...emptyAdd, ...part })
const SUM = 'a'.repeat(64)

test.each([
  [{}, ['address']],
  [{ address: 'ftp://x.example/a' }, ['address']],
  [{ address: 'https:///a' }, ['address']],
  [{ address: ' https://x.example/a.qcow2 ' }, []],
  [{ address: 'https://x.example/a', checksum: SUM }, []],
  [{ address: 'https://x.example/a', checksum: `sha512:${SUM}${SUM}` }, []],
  [{ address: 'https://x.example/a', checksum: 'short' }, ['checksum']],
  [{ kind: 'file' }, ['path']],
  [{ kind: 'file', path: 'disk.raw' }, ['path']],
  [{ kind: 'file', path: '/images/' }, ['path']],
  [{ kind: 'file', path: '/a' }, []],
  [{ kind: 'machine' }, ['machine']],
  [{ kind: 'machine', machine: 'x@qemu:///system' as DomainId }, []],
] as const)('of %o is wrong: %o', (part, wrong) => {
  expect(faultsOf(draft(part))).toEqual(wrong)
  expect(callOf(draft(part), NONE) === null).toBe(wrong.length > 0)
})

test('each kind is one call, which the contract takes', () => {
  const fetched = callOf(
    draft({ address: ' https://x.example/a ', checksum: SUM, name: ' Mine ', osId: 'debian-12' }),
    NONE,
  )
  expect(fetched).toEqual({
    call: 'fetch',
    input: { source: 'https://x.example/a', checksum: SUM, name: 'Mine', osId: 'debian-12' },
  })
  const copied = callOf(draft({ kind: 'file', path: '/a/b.vmdk', raw: true }), NONE)
  expect(copied).toEqual({ call: 'import', input: { path: '/a/b.vmdk', raw: true } })
  const machine = 'x@qemu:///system' as DomainId
  const taken = callOf(draft({ kind: 'machine', machine }), NONE)
  expect(taken).toEqual({ call: 'import', input: { machine } })
  const placed = callOf(draft({ kind: 'file', path: '/a/My Base.qcow2', inPlace: true }), new Set(['my-base']))
  expect(placed).toEqual({
    call: 'add',
    input: { id: 'my-base-2', name: 'My Base.qcow2', place: '/a/My Base.qcow2', inPlace: true },
  })
  for (const made of [fetched, copied, taken, placed])
    expect(made && image[made.call].input.safeParse(made.input).success).toBe(true)
})

test('what another kind had is no part of the call', () => {
  const left = { address: 'https://x.example/a', checksum: SUM, path: '/a', inPlace: true }
  expect(callOf(draft({ ...left, kind: 'machine', machine: 'x@qemu:///system' as DomainId }), NONE)).toEqual({
    ...{ call: 'import', input: { machine: 'x@qemu:///system' } },
  })
})

test.each([
  ['Mine', [], 'mine'],
  ['Mine', ['mine', 'mine-2'], 'mine-3'],
  ['../../etc', [], 'etc'],
  ['ä', [], 'image'],
  ['x', [], 'imagex'],
] as const)('“%s” beside %o is the id %s', (name, taken, id) => {
  const chosen = freeId(name, new Set(taken))
  expect(chosen).toBe(id)
  expect(image.add.input.safeParse({ id: chosen, place: '/a' }).success).toBe(true)
})

test.each([
  [{ address: 'https://x.example/noble.img?x=1' }, 'noble.img'],
  [{ kind: 'file', path: ' /a/b.raw ' }, 'b.raw'],
  [{ kind: 'machine' }, 'web'],
] as const)('%o is called “%s”', (part, name) => {
  expect(usualName(draft(part), 'web')).toBe(name)
})
