import { type MediaDrive, type MediaState, RemoteError, type VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { connectionOf, domainOf, entryOf } from '../../store/testing.ts'
import { ConfirmHost } from '../../ui/index.ts'
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
  const calls = {
    insert: vi.fn<(input: object) => Promise<object>>(() => Promise.resolve({ taskId: 'a' })),
    eject: vi.fn<(input: object) => Promise<object>>(() => Promise.resolve({})),
    boot: vi.fn<(input: object) => Promise<object>>(() => Promise.resolve({})),
  }
  const listeners: ((told: { id: string }) => void)[] = []
  const changed = (listener: (told: { id: string }) => void) => (listeners.push(listener), () => undefined)
  const client = { media: { list: media, changed, ...calls } } as unknown as VireoClient
  const connection = { ...connectionOf(), uri: domain.connection, readOnly: locked }
  const stores = {
    ...{ client, online: createStore(() => true) },
    entries: { state: createStore(() => ({ entries: [entryOf('insert', { room: 'media', effect: 'change' })] })) },
    connections: { state: createStore(() => ({ byUri: new Map([[domain.connection, connection]]) })) },
  }
  render(
    <StoresContext value={stores as unknown as Stores}>
      <MediaSection domain={domain} shown />
      <ConfirmHost />
    </StoresContext>,
  )
  return { ...calls, tell: (id: string) => listeners.forEach(listener => listener({ id })) }
}

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }))
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})
const soon = () => act(() => vi.advanceTimersByTimeAsync(100))

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
  fireEvent.click(screen.getByRole('button', { name: 'Eject sdb' }))
  await soon()
  expect(eject).toHaveBeenCalledExactlyOnceWith({ id: domain.id, drive: 'sdb' })
})

test('empties a drive that the guest uses only when somebody insists', async () => {
  const { eject } = show(async () => stateOf(driveOf('sda', '/a.iso')))
  eject.mockRejectedValueOnce(new RemoteError({ kind: 'precondition', message: 'It is locked.' }))
  await soon()
  fireEvent.click(screen.getByRole('button', { name: 'Eject sda' }))
  await soon()
  expect(screen.getByText(/It is locked\. What the guest reads/)).toBeTruthy()
  expect(eject).toHaveBeenCalledTimes(1)
  fireEvent.click(screen.getByRole('button', { name: 'Eject by force' }))
  await soon()
  expect(eject).toHaveBeenLastCalledWith({ id: domain.id, drive: 'sda', force: true })
})

test('changes nothing on a connection that is locked', async () => {
  const { eject } = show(async () => stateOf(driveOf('sda', '/a.iso')), true)
  await soon()
  fireEvent.click(screen.getByRole('button', { name: 'Eject sda' }))
  await soon()
  expect(eject).not.toHaveBeenCalled()
})

test('inserts what was typed, into a new drive where there is none', async () => {
  const { insert } = show(async () => stateOf())
  await soon()
  expect(screen.getByText('It has no CD drive.')).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Insert…' }))
  await soon()
  fireEvent.change(screen.getByRole('textbox', { name: 'ISO' }), { target: { value: ' /iso/a.iso ' } })
  fireEvent.click(screen.getByRole('button', { name: 'Insert' }))
  await soon()
  expect(insert).toHaveBeenCalledExactlyOnceWith({ id: domain.id, source: '/iso/a.iso', force: false })
})

test('says why they cannot be listed', async () => {
  show(() => Promise.reject(new Error('the daemon is away')))
  await soon()
  expect(screen.getByText(/the daemon is away/)).toBeTruthy()
})
