import { type MediaDrive, type MediaState, RemoteError } from '@vireo/app-main/contract'
import { fireEvent, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { domainOf, entryOf } from '../../store/testing.ts'
import { beginning, ownClock, press, showPart, soon, told } from '../testing/shown-part.tsx'
import { MediaSection } from './media-section.tsx'

const domain = domainOf('web')
const driveOf = (target: string, source: string | null, part: Partial<MediaDrive> = {}): MediaDrive => ({
  ...{ target, bus: 'sata', source, nextSource: source, open: false, present: true },
  ...part,
})
const stateOf = (...drives: MediaDrive[]): MediaState => ({
  drives,
  boot: [
    { device: 'vda', kind: 'disk', order: 2 },
    { device: 'sda', kind: 'cdrom', order: 1 },
    { device: '52:54:00:00:00:01', kind: 'network', order: null },
  ],
})

const show = (media: () => Promise<MediaState>, locked = false) => {
  const calls = { insert: beginning(), eject: beginning(), boot: beginning() }
  const { changed, tell } = told<{ id: string }>()
  showPart(<MediaSection domain={domain} shown />, {
    domain,
    client: { media: { list: media, changed, ...calls } },
    connection: { readOnly: locked },
    entries: [entryOf('insert', { room: 'media', effect: 'change' })],
  })
  return { ...calls, tell: (id: string) => tell({ id }) }
}

ownClock()

test('shows what lies in the drives and what it starts from, and follows what is told of this machine', async () => {
  let state = stateOf(driveOf('sda', '/iso/debian.iso', { nextSource: null, open: true }))
  const { tell } = show(async () => state)
  await soon()
  expect(screen.getByText('/iso/debian.iso')).toBeTruthy()
  expect(screen.getByText('At its next start: Empty')).toBeTruthy()
  expect(screen.getByText('Open')).toBeTruthy()
  expect(screen.getByText('sda, vda')).toBeTruthy()
  state = stateOf(driveOf('sda', null))
  tell('another')
  await soon()
  expect(screen.getByText('/iso/debian.iso')).toBeTruthy()
  tell(domain.id)
  await soon()
  expect(screen.getByText('Empty')).toBeTruthy()
  expect(screen.queryByRole('button', { name: 'Eject sda' })).toBeNull()
})

test('ejects the one that is meant', async () => {
  const { eject } = show(async () => stateOf(driveOf('sda', '/a.iso'), driveOf('sdb', '/b.iso')))
  await soon()
  await press('Eject sdb')
  expect(eject).toHaveBeenCalledExactlyOnceWith({ id: domain.id, drive: 'sdb' })
})

test('empties a drive that the guest uses only when somebody insists', async () => {
  const { eject } = show(async () => stateOf(driveOf('sda', '/a.iso')))
  eject.mockRejectedValueOnce(new RemoteError({ kind: 'precondition', message: 'It is locked.' }))
  await soon()
  await press('Eject sda')
  expect(screen.getByText(/It is locked\. What the guest reads/)).toBeTruthy()
  expect(eject).toHaveBeenCalledTimes(1)
  await press('Eject by force')
  expect(eject).toHaveBeenLastCalledWith({ id: domain.id, drive: 'sda', force: true })
})

test('changes nothing on a connection that is locked', async () => {
  const { eject } = show(async () => stateOf(driveOf('sda', '/a.iso')), true)
  await soon()
  await press('Eject sda')
  expect(eject).not.toHaveBeenCalled()
})

test('inserts what was typed, into a new drive where there is none', async () => {
  const { insert } = show(async () => stateOf())
  await soon()
  expect(screen.getByText('It has no CD drive.')).toBeTruthy()
  await press('Insert…')
  fireEvent.change(screen.getByRole('textbox', { name: 'ISO' }), { target: { value: ' /iso/a.iso ' } })
  await press('Insert')
  expect(insert).toHaveBeenCalledExactlyOnceWith({ id: domain.id, source: '/iso/a.iso', force: false })
})

test('says why they cannot be listed', async () => {
  show(() => Promise.reject(new Error('the daemon is away')))
  await soon()
  expect(screen.getByText(/the daemon is away/)).toBeTruthy()
})
