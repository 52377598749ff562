import type { GuestEntry, GuestFeatureSheet, GuestStatus, VireoClient } from '@vireo/app-main/contract'
import { RemoteError } from '@vireo/app-main/contract'
import { cleanup, configure, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { connectionOf, domainOf, SYSTEM } from '../../store/testing.ts'
import { FilesPane } from './files-pane.tsx'
import { transfers } from './transfer-store.ts'

const FOLDERS: Readonly<Record<string, readonly GuestEntry['type'][]>> = {
  '/': ['directory', 'link'],
  '/directory': [],
}

const entry = (type: GuestEntry['type']): GuestEntry => ({
  ...{ name: type, type, sizeBytes: 1, mode: null, owner: null, group: null, modifiedAt: null },
  linkTarget: type === 'link' ? '/etc/hosts' : null,
})

const list = async ({ path }: { path: string }): Promise<readonly GuestEntry[]> => {
  const types = FOLDERS[path]
  if (types) return types.map(entry)
  throw new RemoteError({ kind: path === '/link' ? 'precondition' : 'not-found', message: `nothing at ${path}` })
}

// A busy computer takes its time to draw.
configure({ asyncUtilTimeout: 10_000 })

let machines = 0
const show = ({ features = {}, readOnly = false }: { features?: GuestFeatureSheet; readOnly?: boolean } = {}) => {
  const domain = domainOf(`files-${++machines}`)
  const agent = { dialect: 'vireo', state: 'answering', reason: null, version: '1', features } as const
  const status = vi.fn(async (): Promise<GuestStatus> => ({ id: domain.id, agents: [agent], primary: 'vireo' }))
  const readFile = vi.fn(() => Promise.reject(new RemoteError({ kind: 'refused', message: 'not here' })))
  const listed = vi.fn(list)
  const client = { guest: { status, list: listed, readFile, changed: () => () => undefined } } as unknown as VireoClient
  const connections = { state: createStore(() => ({ byUri: new Map([[SYSTEM, connectionOf({ readOnly })]]) })) }
  const ui = { state: createStore(() => ({ route: {} })), go: () => undefined }
  render(
    <StoresContext value={{ client, connections, ui } as unknown as Stores}>
      <FilesPane domain={domain} shown />
    </StoresContext>,
  )
  return { status, readFile, listed, machine: domain.id }
}

/** The list of a folder; jsdom has no heights, so that its rows are not drawn. */
const grid = (path: string): Promise<HTMLElement> => screen.findByRole('grid', { name: `Files in ${path}` })
const type = (path: string): void => {
  fireEvent.click(screen.getByRole('button', { name: 'Type a path' }))
  const field = screen.getByRole('textbox', { name: 'Path of a folder' })
  fireEvent.change(field, { target: { value: path } })
  fireEvent.keyDown(field, { key: 'Enter' })
}

beforeEach(() => {
  Element.prototype.scrollTo = () => undefined
  Element.prototype.scrollIntoView = () => undefined
})
afterEach(cleanup)

test('the keyboard stays in the list: through an empty folder and one that cannot be shown, and back', async () => {
  show()
  const root = await grid('/')
  root.focus()
  fireEvent.keyDown(root, { key: 'd' })
  fireEvent.keyDown(root, { key: 'Enter' })
  expect(await grid('/directory')).toBe(root)
  expect(screen.getByText('The folder is empty.')).toBeTruthy()
  type('/gone')
  expect(await grid('/gone')).toBe(root)
  expect(screen.getByRole('alert').textContent).toBe('nothing at /gone')
  fireEvent.click(screen.getByRole('button', { name: 'Go back' }))
  await grid('/directory')
  fireEvent.keyDown(root, { key: 'Backspace' })
  await grid('/')
})

test('a link that leads to no folder can be fetched instead, with an agent that reads', async () => {
  show()
  const root = await grid('/')
  fireEvent.keyDown(root, { key: 'l' })
  fireEvent.keyDown(root, { key: 'Enter' })
  await grid('/link')
  expect(screen.getByRole('button', { name: 'Download it instead' })).toBeTruthy()
  cleanup()
  show({ features: { 'read-file': 'This agent cannot.' } })
  const other = await grid('/')
  fireEvent.keyDown(other, { key: 'l' })
  fireEvent.keyDown(other, { key: 'Enter' })
  await grid('/link')
  expect(screen.queryByRole('button', { name: 'Download it instead' })).toBeNull()
})

test.each(['Enter', 'Escape'])('the keyboard goes from a typed path to the list: %s', async key => {
  show()
  const root = await grid('/')
  fireEvent.click(screen.getByRole('button', { name: 'Type a path' }))
  const field = screen.getByRole('textbox', { name: 'Path of a folder' })
  fireEvent.keyDown(field, { key })
  expect(screen.queryByRole('textbox', { name: 'Path of a folder' })).toBeNull()
  expect(document.activeElement).toBe(root)
})

test('a folder is read once more for many files that arrive together', async () => {
  const { listed, machine } = show()
  await grid('/')
  const before = listed.mock.calls.length
  const job = { run: async () => undefined, discard: () => undefined }
  const facts = { machine, machineName: 'a', direction: 'upload', folder: '/', size: 1 } as const
  transfers.addAll(Array.from({ length: 20 }, (_, at) => ({ facts: { ...facts, name: `${at}` }, job })))
  await vi.waitFor(() => expect(listed.mock.calls.length).toBeGreaterThan(before), 10_000)
  expect(transfers.state.getState().transfers.every(({ state }) => state === 'done')).toBe(true)
  expect(listed.mock.calls.length - before).toBe(1)
})

test('who may only look is asked to unlock, and no agent is asked', () => {
  const { status } = show({ readOnly: true })
  expect(screen.getByRole('button', { name: 'Unlock' })).toBeTruthy()
  expect(status).not.toHaveBeenCalled()
})
