import { expect, test } from 'vitest'
import type { Source } from './draft.ts'
import { emptyWizard, reduce, type Wizard, type WizardAction } from './wizard.ts'

const after = (...actions: readonly WizardAction[]): Wizard => actions.reduce(reduce, emptyWizard)
const proposal = { name: 'debian-13', cpus: '2', memory: '2G', disk: '20G' }
const source = (sha256: string, name = 'debian-13', offer = false): WizardAction => ({
  ...{ type: 'source', source: { kind: 'cached', sha256 }, proposal: { ...proposal, name }, offer },
})
const idOf = (chosen: Source | null) => (chosen?.kind === 'cached' ? chosen.sha256 : null)

test('a source brings its proposals, and takes none that somebody typed', () => {
  const { draft } = after(
    source('a'),
    { type: 'change', part: { name: 'web', memory: '512M' } },
    source('b', 'fedora-44'),
  )
  expect(draft).toMatchObject({ name: 'web', memory: '512M', cpus: '2', source: { sha256: 'b' } })
})

test('a field that was emptied takes proposals again', () => {
  const typed = { type: 'change', part: { name: 'web' } } as const
  const emptied = { type: 'change', part: { name: '' } } as const
  expect(after(typed, emptied, source('a')).draft.name).toBe('debian-13')
})

test('an offer counts only while nothing is chosen', () => {
  expect(idOf(after(source('a', 'x', true)).draft.source)).toBe('a')
  expect(idOf(after(source('a'), source('b', 'x', true)).draft.source)).toBe('a')
})

test('back and forth loses nothing', () => {
  const filled = after(
    source('a'),
    { type: 'add-disk' },
    { type: 'change-disk', key: 1, part: { size: '5G' } },
    { type: 'add-nic' },
    { type: 'change-nic', key: 2, part: { type: 'user', forwards: '2222:22' } },
    { type: 'change', part: { userData: '#cloud-config', passwordHash: '$6$x', tags: 'a b' } },
    { type: 'key', line: 'ssh-rsa A', on: false },
  )
  const turns = ([1, 1, 1, -1, -1, 1, 1, 1, 1, -1, -1, -1, -1] as const).map(by => ({ type: 'turn', by }) as const)
  const walked = [...turns, { type: 'go', step: 'review' } as const, { type: 'go', step: 'source' } as const].reduce(
    reduce,
    filled,
  )
  expect(walked.draft).toEqual(filled.draft)
  expect(walked.step).toBe('source')
})

test('stays inside the steps, and remembers which were left', () => {
  expect(after({ type: 'turn', by: -1 }).step).toBe('source')
  const end = after({ type: 'go', step: 'review' }, { type: 'turn', by: 1 })
  expect(end.step).toBe('review')
  expect([...end.left]).toEqual(['source'])
  expect(after({ type: 'show-all', step: 'disks' }).left.size).toBe(7)
})

test('disks and cards are told apart when one goes', () => {
  const { draft } = after(
    { type: 'add-disk' },
    { type: 'add-disk' },
    { type: 'change-disk', key: 2, part: { size: '2G' } },
    { type: 'remove-disk', key: 1 },
    { type: 'add-disk' },
    { type: 'remove-nic', key: 0 },
  )
  expect(draft.disks.map(({ key, size }) => [key, size])).toEqual([
    [2, '2G'],
    [3, ''],
  ])
  expect(draft.nics).toEqual([])
})

test('a key is left out and taken again', () => {
  const out = { type: 'key', line: 'ssh-rsa A', on: false } as const
  expect(after(out, out).draft.keysLeftOut).toEqual(['ssh-rsa A'])
  expect(after(out, { ...out, on: true }).draft.keysLeftOut).toEqual([])
})

test('starting over forgets everything, a password too', () => {
  expect(after(source('a'), { type: 'change', part: { passwordHash: '$6$x' } }, { type: 'reset' })).toBe(emptyWizard)
})

test('another source is not installed without asking, because nobody said so of it', () => {
  const unattended = { type: 'change', part: { unattended: true } } as const
  expect(after(source('a'), unattended, { type: 'change', part: { name: 'web' } }).draft.unattended).toBe(true)
  expect(after(source('a'), unattended, source('b')).draft.unattended).toBe(false)
  const way = { type: 'change', part: { source: { kind: 'system', id: 'debian-13', way: 'image' } } } as const
  expect(after(source('a'), unattended, way).draft.unattended).toBe(false)
})
