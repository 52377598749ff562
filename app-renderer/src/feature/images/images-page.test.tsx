import {
  type CachedImage,
  type CatalogueImage,
  type ImageUsers,
  RemoteError,
  type Task,
  type TaskId,
} from '@vireo/app-main/contract'
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { connectionOf, domainOf, mapOf, SYSTEM } from '../../store/testing.ts'
import { ConfirmHost } from '../../ui/index.ts'
import { entryOf, imageOf } from '../create/testing-create.ts'
import { dispatch, useWizard } from '../create/wizard-store.ts'
import { ImagesPage } from './images-page.tsx'

// A busy computer takes its time to draw.
configure({ asyncUtilTimeout: 10_000 })
const TASK = '00000000-0000-4000-8000-000000000001' as TaskId
const NOW = Date.now()
const debian = imageOf('aaaaaaaaaaaabbbb', {
  name: 'Debian 13',
  osId: 'debian-13',
  usedAt: NOW,
  addedAt: NOW - 7_200_000,
})
const template = imageOf('ccccccccccccdddd', { name: 'web', from: 'machine', usedAt: 1, addedAt: NOW })
const CATALOGUE = [
  entryOf('debian-13', { name: 'Debian 13 (Trixie)', ways: ['image', 'iso', 'build'], cached: debian.sha256 }),
  entryOf('fedora-44'),
  entryOf('mine', { origin: 'own', place: '/images/mine.qcow2', inPlace: true }),
]

interface Given {
  images?: readonly CachedImage[]
  catalogue?: readonly CatalogueImage[]
  users?: () => Promise<ImageUsers>
  list?: () => Promise<unknown>
  online?: boolean
}

const NOBODY: ImageUsers = { images: [], unread: null }
const refusal = (message: string) => new RemoteError({ kind: 'precondition', message })

const show = (given: Given = {}) => {
  const { images = [debian, template], catalogue = CATALOGUE, users = async () => NOBODY } = given
  const listeners: (() => void)[] = []
  const image = {
    list: vi.fn(
      given.list ?? (async () => ({ folder: '/var/cache/vireo', usedBytes: 2 ** 29, freeBytes: 2 ** 33, images })),
    ),
    catalogue: vi.fn(async () => catalogue),
    users: vi.fn(users),
    fetch: vi.fn(async (_input: object) => ({ taskId: TASK })),
    build: vi.fn(async (_input: object) => ({ taskId: TASK })),
    import: vi.fn(async (_input: object) => ({ taskId: TASK })),
    add: vi.fn(async (_input: object) => catalogue),
    forget: vi.fn(async (_input: object) => catalogue),
    delete: vi.fn(async (_input: object) => ({})),
    cleanup: vi.fn(async ({ days }: { days: number; dryRun?: boolean }) =>
      days === 0
        ? {
            ...{ deleted: [{ sha256: template.sha256, name: 'web' }], freedBytes: 2 ** 28 },
            copies: [{ pool: 'default', name: 'vireo-base-0.qcow2' }],
          }
        : { deleted: [], copies: [], freedBytes: 0 },
    ),
    changed: (listener: () => void) => (listeners.push(listener), () => undefined),
  }
  const cancel = vi.fn(async () => ({}))
  const client = { image, task: { cancel }, connection: { removed: () => () => undefined } }
  const tasks = createStore(() => ({ byId: new Map<TaskId, Task>() }))
  const ui = { state: createStore<{ dialog: string | null }>(() => ({ dialog: null })), go: vi.fn() }
  const domains = createStore(() => ({ byId: mapOf(domainOf('off', { state: 'shutoff' }), domainOf('on')) }))
  const stores = {
    ...{ client, ui, tasks: { state: tasks, onEnded: () => () => undefined } },
    ...{ online: createStore(() => given.online ?? true), domains: { state: domains } },
    connections: { state: createStore(() => ({ byUri: new Map([[SYSTEM, connectionOf()]]) })) },
  }
  render(
    <StoresContext value={stores as unknown as Stores}>
      <ImagesPage />
      <ConfirmHost />
    </StoresContext>,
  )
  const tell = (part: Partial<Task>) => {
    const blank = { progress: null, step: null, error: null, offer: null, startedAt: 1, endedAt: null, target: null }
    const task: Task = { id: TASK, room: 'image', name: 'fetch', targetName: 'x', state: 'running', ...blank, ...part }
    act(() => tasks.setState({ byId: new Map([[TASK, task]]) }))
  }
  return { image, cancel, ui, tell, domains, change: () => act(() => listeners.forEach(listener => listener())) }
}

const rowIn = async (table: string, name: RegExp): Promise<HTMLElement> => {
  const list = await screen.findByRole('table', { name: table })
  return within(list).getByRole('row', { name })
}
const choose = async (of: string, action: string): Promise<void> => {
  fireEvent.click(await screen.findByRole('button', { name: `Actions for ${of}` }))
  fireEvent.click(await screen.findByRole('menuitem', { name: action }))
}
const press = (name: string): void => {
  fireEvent.click(screen.getByRole('button', { name }))
}
const pick = async (label: RegExp, option: string): Promise<void> => {
  fireEvent.click(within(screen.getByRole('dialog')).getByRole('button', { name: label }))
  fireEvent.click(await screen.findByRole('option', { name: option }))
}
const type = (label: string, value: string) => fireEvent.change(screen.getByLabelText(label), { target: { value } })

afterEach(() => {
  cleanup()
  act(() => dispatch({ type: 'reset' }))
})

test('shows what is here: from where, how large, since when, who needs it and how long it stays', async () => {
  const needed = [{ sha256: debian.sha256, users: ['“web” on qemu:///system'] }]
  show({ users: async () => ({ images: needed, unread: null }) })
  await waitFor(async () => {
    const row = await rowIn('Here', /^Debian 13/)
    expect(row.textContent).toMatch(/Fetched.*256 MiB.*2 hours ago.*“web” on qemu:\/\/\/system.*while it is used/)
  })
  const other = await rowIn('Here', /^web/)
  expect(other.textContent).toMatch(/From a machine.*next clean-up/)
  expect(screen.getByText('512 MiB here, 8 GiB free')).toBeTruthy()
})

test('says when nothing is here, and offers the catalogue all the same', async () => {
  show({ images: [] })
  expect(await screen.findByText('Nothing is here yet')).toBeTruthy()
  expect((await rowIn('Catalogue', /^Debian 13/)).textContent).toMatch(/ready-made, medium, built here/)
})

test('says why nothing can be listed, and tries again', async () => {
  let broken = true
  const { image } = show({
    list: async () => {
      if (broken) throw refusal('The folder is not yours.')
      return { folder: '/x', usedBytes: 0, freeBytes: 0, images: [] }
    },
  })
  expect(await screen.findByText(/The folder is not yours/)).toBeTruthy()
  broken = false
  press('Try again')
  expect(await screen.findByText('Nothing is here yet')).toBeTruthy()
  expect(image.list).toHaveBeenCalledTimes(2)
})

test('a list that fails later leaves what was shown', async () => {
  let broken = false
  const { change } = show({
    list: async () => {
      if (broken) throw refusal('The folder is gone.')
      return { folder: '/x', usedBytes: 0, freeBytes: 0, images: [debian] }
    },
  })
  await rowIn('Here', /^Debian 13/)
  broken = true
  change()
  expect(await screen.findByText(/The folder is gone/)).toBeTruthy()
  expect(await rowIn('Here', /^Debian 13/)).toBeTruthy()
})

test('says that more may need images than could be found out', async () => {
  show({ users: async () => ({ images: [], unread: 'The pool “x” cannot be read.' }) })
  expect(await screen.findByText(/The pool “x” cannot be read/)).toBeTruthy()
})

test('fetches and builds what the catalogue has; what is on its way can be stopped, and is not begun twice', async () => {
  const { image, tell, cancel } = show()
  await choose('fedora-44', 'Fetch image')
  expect(image.fetch).toHaveBeenCalledExactlyOnceWith({ source: 'fedora-44', refresh: false })
  await choose('Debian 13 (Trixie)', 'Build, with the usual tools')
  expect(image.build).toHaveBeenCalledExactlyOnceWith({ id: 'debian-13', variant: 'standard' })
  tell({ targetName: 'fedora-44', step: 'Downloading 1 GiB', progress: 0.25 })
  expect(screen.getByRole('progressbar', { name: 'fedora-44' }).getAttribute('aria-valuenow')).toBe('25')
  fireEvent.click(await screen.findByRole('button', { name: 'Actions for fedora-44' }))
  const item = await screen.findByRole('menuitem', { name: /^Fetch image/ })
  expect(item.getAttribute('aria-disabled')).toBe('true')
  fireEvent.keyDown(item, { key: 'Escape' })
  fireEvent.click(screen.getByText('Stop'))
  expect(cancel).toHaveBeenCalledExactlyOnceWith({ taskId: TASK })
})

test('an image is not deleted while it is needed, and the names say by whom', async () => {
  const needed = [{ sha256: debian.sha256, users: ['“web” on qemu:///system', '/pool/x.qcow2'] }]
  const { image } = show({ users: async () => ({ images: needed, unread: null }) })
  await choose('Debian 13', 'Delete…')
  const dialog = await screen.findByRole('dialog')
  expect(await within(dialog).findByText('/pool/x.qcow2')).toBeTruthy()
  const button = within(dialog).getByRole('button', { name: 'Delete' })
  expect(button.getAttribute('aria-disabled')).toBe('true')
  fireEvent.click(button)
  expect(image.delete).not.toHaveBeenCalled()
})

test('an image that nothing needs is deleted', async () => {
  const { image } = show()
  await choose('web', 'Delete…')
  expect(await screen.findByText(/No machine needs it/)).toBeTruthy()
  press('Delete')
  await waitFor(() => expect(image.delete).toHaveBeenCalledExactlyOnceWith({ sha256: template.sha256 }))
  expect(screen.queryByRole('dialog')).toBeNull()
})

test('cleaning up shows first what would go', async () => {
  const { image } = show()
  await rowIn('Here', /^web/)
  press('Clean up')
  expect(await screen.findByText(/There is nothing to clean up/)).toBeTruthy()
  await pick(/Not used for/, 'any time')
  expect((await screen.findByRole('list', { name: 'Images that nothing needs' })).textContent).toContain('web')
  expect(screen.getByRole('list', { name: /Copies in storage pools/ }).textContent).toContain('default')
  expect(screen.getByText('256 MiB become free.')).toBeTruthy()
  expect(image.cleanup.mock.calls.every(([input]) => input.dryRun === true)).toBe(true)
  press('Delete these')
  await waitFor(() => expect(image.cleanup).toHaveBeenLastCalledWith({ days: 0 }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
})

test('an image is added from an address; what is wrong is told', async () => {
  const { image } = show()
  await rowIn('Here', /^web/)
  press('Add image')
  const button = await screen.findByRole('button', { name: 'Add' })
  expect(button.getAttribute('aria-disabled')).toBe('true')
  type('Address', 'x.example')
  expect(screen.getAllByText(/Give an address/).length).toBeGreaterThan(0)
  type('Address', 'https://x.example/a.qcow2')
  image.fetch.mockRejectedValueOnce(refusal('There is no room.'))
  press('Add')
  expect(await screen.findByText(/There is no room/)).toBeTruthy()
  fireEvent.submit(document.querySelector('form') ?? document.body)
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  expect(image.fetch).toHaveBeenLastCalledWith({ source: 'https://x.example/a.qcow2' })
})

test('a file is copied, or used where it lies', async () => {
  const { image } = show()
  await rowIn('Here', /^web/)
  press('Add image')
  await screen.findByRole('dialog')
  await pick(/^From|From$/, 'A file of this computer')
  type('Path', '/images/base.qcow2')
  press('Add')
  await waitFor(() => expect(image.import).toHaveBeenCalledWith({ path: '/images/base.qcow2', raw: false }))
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull())
  press('Add image')
  await screen.findByRole('dialog')
  await pick(/^From|From$/, 'A file of this computer')
  type('Path', '/images/base.qcow2')
  fireEvent.click(screen.getByRole('switch', { name: /where it lies/ }))
  press('Add')
  await waitFor(() => expect(image.add).toHaveBeenCalled())
  expect(image.add.mock.calls[0]?.[0]).toMatchObject({ id: 'base', place: '/images/base.qcow2', inPlace: true })
})

test('a machine that is off becomes a template; one that was started meanwhile is no choice', async () => {
  const { image, domains } = show()
  await rowIn('Here', /^web/)
  press('Add image')
  await screen.findByRole('dialog')
  await pick(/^From|From$/, 'A machine that is off')
  const [off] = [domainOf('off')]
  press('Add')
  await waitFor(() => expect(image.import).toHaveBeenCalledExactlyOnceWith({ machine: off.id }))
  press('Add image')
  await screen.findByRole('dialog')
  await pick(/^From|From$/, 'A machine that is off')
  act(() => domains.setState({ byId: mapOf(domainOf('off')) }))
  expect(await screen.findByText('No machine of this computer is off.')).toBeTruthy()
  expect(screen.getByRole('button', { name: 'Add' }).getAttribute('aria-disabled')).toBe('true')
})

test('an image opens the wizard with itself chosen', async () => {
  const { ui } = show()
  await choose('Debian 13', 'New machine of it')
  expect(ui.state.getState().dialog).toBe('create')
  expect(useWizard.getState().draft.source).toEqual({ kind: 'cached', sha256: debian.sha256 })
})

test('a file of one’s own is copied by its entry, unless it is used where it lies', async () => {
  const own = entryOf('disk', { origin: 'own', place: '/images/disk.raw' })
  const { image } = show({ catalogue: [...CATALOGUE, own] })
  await choose('disk', 'Copy to the images')
  expect(image.fetch).toHaveBeenCalledExactlyOnceWith({ source: 'disk' })
  fireEvent.click(await screen.findByRole('button', { name: 'Actions for mine' }))
  expect(await screen.findAllByRole('menuitem')).toHaveLength(1)
})

test('an entry of one’s own is taken out of the catalogue', async () => {
  const { image } = show()
  await choose('mine', 'Take out of the catalogue')
  expect(image.forget).toHaveBeenCalledExactlyOnceWith({ id: 'mine' })
})

test('nothing can be changed while the server is away', async () => {
  show({ online: false })
  for (const name of ['Add image', 'Clean up'])
    expect(screen.getByRole('button', { name }).getAttribute('aria-disabled')).toBe('true')
})
