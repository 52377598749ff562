import { expect, test } from 'vitest'
import { type Preview, questionsOf, removalOf } from './removal.ts'

const preview = (part: Partial<Preview>): Preview => ({
  disks: [],
  nvram: null,
  savedState: false,
  snapshots: 0,
  ...part,
})
const own = { target: 'vda', path: '/pool/a.qcow2', keptBecause: null }
const shared = { target: 'vdb', path: '/pool/b.qcow2', keptBecause: 'It is shared.' }

test('nothing is deleted that nobody chose to delete', () => {
  expect(removalOf(preview({ disks: [own] }), { storage: null, nvram: null })).toBeNull()
  expect(removalOf(preview({ nvram: '/nvram' }), { storage: 'delete', nvram: null })).toBeNull()
  expect(removalOf(preview({ disks: [own] }), { storage: 'delete', nvram: null })).toEqual({
    storage: 'delete',
    nvram: 'keep',
  })
})

test('what cannot be deleted is not asked about and is kept, whatever was chosen', () => {
  const only = preview({ disks: [shared] })
  expect(questionsOf(only)).toEqual({ storage: false, nvram: false })
  expect(removalOf(only, { storage: 'delete', nvram: 'delete' })).toEqual({ storage: 'keep', nvram: 'keep' })
})
