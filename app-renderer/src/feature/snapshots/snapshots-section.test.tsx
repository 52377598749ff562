import { RemoteError, type ConnectionUri, type InstanceSnapshot } from '@vireo/app-main/contract'
import { fireEvent, screen } from '@testing-library/react'
import { expect, test, vi } from 'vitest'
import { domainOf, entryOf } from '../../store/testing.ts'
import { beginning, ownClock, press, showPart, soon, told } from '../testing/shown-part.tsx'
import { freeName } from './snapshot-name.ts'
import { SnapshotsSection } from './snapshots-section.tsx'

const LXD = 'lxd:///' as ConnectionUri
const domain = domainOf('web', { connection: LXD, kind: 'lxd' })
const of = (name: string, createdAt: number): InstanceSnapshot => ({ name, createdAt, stateful: false })

const show = (snapshots: () => Promise<InstanceSnapshot[]>, locked = false) => {
  const calls = {
    ...{ takeSnapshot: beginning(), restoreSnapshot: beginning(), deleteSnapshot: beginning() },
    ...{ copy: beginning(), rename: beginning() },
  }
  const { changed: snapshotsChanged, tell } = told<{ id: string }>()
  showPart(<SnapshotsSection domain={domain} shown />, {
    domain,
    client: { lxd: { snapshots, snapshotsChanged, ...calls } },
    connection: { readOnly: locked },
    entries: [entryOf('takeSnapshot', { room: 'lxd' })],
  })
  return { ...calls, tell: (id: string) => tell({ id }) }
}

ownClock()

test('lists them, the newest first, and again when something is told of this machine', async () => {
  let all = [of('old', 1), of('new', 2)]
  const list = vi.fn(async () => all)
  const { tell } = show(list)
  await soon()
  expect(screen.getAllByRole('listitem').map(one => one.textContent)).toEqual([
    expect.stringMatching(/^new/),
    expect.stringMatching(/^old/),
  ])
  all = []
  tell('another')
  await soon()
  expect(list).toHaveBeenCalledTimes(1)
  tell(domain.id)
  await soon()
  expect(screen.getByText(/No snapshot/)).toBeTruthy()
})

test('takes one under a free name; a refusal leaves what was typed', async () => {
  const { takeSnapshot } = show(async () => [of('snap0', 1)])
  takeSnapshot.mockRejectedValueOnce(new RemoteError({ kind: 'refused', message: 'No room left.' }))
  await soon()
  await press('Take…')
  const field = screen.getByLabelText<HTMLInputElement>('Name of the snapshot')
  expect(field.value).toBe('snap1')
  fireEvent.change(field, { target: { value: 'snap0' } })
  await press('Take')
  expect(takeSnapshot).not.toHaveBeenCalled()
  fireEvent.change(field, { target: { value: ' before ' } })
  await press('Take')
  expect(screen.getByText('No room left.')).toBeTruthy()
  await press('Take')
  expect(takeSnapshot).toHaveBeenLastCalledWith({ id: domain.id, snapshot: 'before' })
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('restores and deletes only after a question', async () => {
  const { restoreSnapshot, deleteSnapshot } = show(async () => [of('before', 1)])
  await soon()
  for (const [item, action, made] of [
    ['Restore…', 'Restore', restoreSnapshot],
    ['Delete…', 'Delete', deleteSnapshot],
  ] as const) {
    await press('What can be done with before')
    await press(item, 'menuitem')
    await press('Cancel')
    expect(made).not.toHaveBeenCalled()
    await press('What can be done with before')
    await press(item, 'menuitem')
    await press(action)
    expect(made).toHaveBeenCalledExactlyOnceWith({ id: domain.id, snapshot: 'before' })
  }
})

test('who may only look is told why nothing can be changed', async () => {
  show(async () => [], true)
  await soon()
  expect(screen.getByRole('button', { name: 'Take…' }).getAttribute('aria-disabled')).toBe('true')
})

test('a free name is one that no snapshot has', () => {
  expect(freeName(new Set())).toBe('snap0')
  expect(freeName(new Set(['snap0', 'snap1', 'x']))).toBe('snap2')
})
