import { type AppError, type DomainId, RemoteError, type Task, type TaskId } from '@vireo/app-main/contract'
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { connectionOf, domainOf, mapOf, SYSTEM } from '../../store/testing.ts'
import { CreateDialog } from './create-dialog.tsx'
import { entryOf, imageOf, optionsOf } from './testing-create.ts'
import { dispatch } from './wizard-store.ts'

// A busy computer takes its time to draw.
configure({ asyncUtilTimeout: 10_000 })
const KEY = {
  type: 'ssh-ed25519',
  comment: 'me@here',
  line: 'ssh-ed25519 AAAA me@here',
  source: '/home/me/.ssh/id.pub',
}
const ID = 'new@qemu:///system' as DomainId
const HALF = 'half@qemu:///system' as DomainId
const TASK = '00000000-0000-4000-8000-000000000001' as TaskId
const taskOf = (part: Partial<Task>): Task => ({
  ...{ id: TASK, room: 'create', name: 'run', target: ID, targetName: 'x', state: 'running', progress: null },
  ...{ step: null, error: null, offer: null, startedAt: 1, endedAt: null },
  ...part,
})

const plan = {
  ...{ name: 'debian-13', connection: SYSTEM, hostname: 'debian-13', user: 'debian', cpus: 2, memoryBytes: 2 ** 30 },
  ...{ firmware: 'bios', accelerated: false, osId: null, pool: 'default', commands: ['virsh define x'] },
  ...{ domainXml: '<domain/>', seed: { userData: '#cloud-config\npasswd: HASH', metaData: '', networkConfig: '' } },
  ...{ warnings: ['It is slow.'], files: [] },
}

const show = ({
  readOnly = false,
  forgotten = false,
  refusal = null as AppError | null,
  kind = 'kvm' as const,
} = {}) => {
  const run = vi.fn(async (_wanted: { draft: { source: string; name: string } }) => {
    if (refusal) throw new RemoteError(refusal)
    return { taskId: TASK, id: ID }
  })
  const cancel = vi.fn(async () => ({}))
  const unlock = vi.fn(async () => ({}))
  const unfinished = async () => [{ id: HALF, name: 'half', connection: SYSTEM, startedAt: 1 }]
  const discard = vi.fn(async () => ({ taskId: TASK }))
  const client = {
    create: {
      run,
      options: async () => optionsOf(),
      sshKeys: async () => [KEY],
      plan: async () => plan,
      unfinished,
      discard,
    },
    image: {
      catalogue: async () => [entryOf('debian-13', { name: 'Debian 13' }), entryOf('fedora-44')],
      list: async () => ({ images: [imageOf('abcdef', { name: 'Debian 13 cloud', osId: 'debian-13' })] }),
      changed: () => () => undefined,
    },
    task: { cancel },
    connection: { unlock },
  }
  const tasks = createStore(() => ({ byId: new Map<TaskId, Task>() }))
  const ui = { state: createStore(() => ({ dialog: 'create' })), go: vi.fn() }
  const stores = {
    ...{
      client,
      ui,
      tasks: {
        state: tasks,
        load: () => (forgotten ? Promise.resolve() : new Promise<void>(() => undefined)),
        onEnded: () => () => undefined,
      },
      online: createStore(() => true),
    },
    domains: { state: createStore(() => ({ byId: mapOf(domainOf('fedora-44')) })) },
    connections: { state: createStore(() => ({ byUri: new Map([[SYSTEM, connectionOf({ readOnly, kind })]]) })) },
  }
  render(
    <StoresContext value={stores as unknown as Stores}>
      <CreateDialog />
    </StoresContext>,
  )
  const tell = (part: Partial<Task>) => act(() => tasks.setState({ byId: new Map([[TASK, taskOf(part)]]) }))
  return { run, cancel, discard, unlock, ui, tell }
}

const submit = () => fireEvent.submit(document.querySelector('form') ?? document.body)
const go = (step: string) =>
  fireEvent.click(within(screen.getByRole('navigation')).getByRole('button', { name: new RegExp(`^${step}`) }))
const field = (label: string): HTMLInputElement => screen.getByLabelText(label)
const type = (label: string, value: string) => fireEvent.change(field(label), { target: { value } })

beforeEach(() => {
  Element.prototype.scrollIntoView = () => undefined
})
afterEach(() => {
  cleanup()
  act(() => dispatch({ type: 'reset' }))
})

test('Enter on the first screen makes a machine of what is here, with the keys that were found, and opens it', async () => {
  const { run, ui, tell } = show()
  await screen.findByText(/^Makes “debian-13” with 2 processors.*your SSH key/)
  submit()
  submit()
  await screen.findByText('Beginning…')
  expect(run).toHaveBeenCalledTimes(1)
  expect(run.mock.calls[0]?.[0]).toMatchObject({
    connection: SYSTEM,
    draft: { source: 'abcdef', name: 'debian-13', sshKeys: [KEY.line], cpus: 2, memory: '1536M', disk: '10G' },
  })
  tell({ step: 'Making the disks', progress: 0.5 })
  expect(screen.getByText('Making the disks')).toBeTruthy()
  expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('50')
  tell({ state: 'done' })
  expect(ui.go).toHaveBeenCalledWith({ machine: ID })
  expect(ui.state.getState().dialog).toBeNull()
})

test('another system takes a name that is free; what somebody typed stays', async () => {
  show()
  fireEvent.click(await screen.findByRole('radio', { name: /fedora-44/ }))
  expect(screen.getByText(/^Makes “fedora-44-2”/)).toBeTruthy()
  go('Name and login')
  type('Name', 'web')
  go('Source')
  fireEvent.click(screen.getByRole('radio', { name: /Debian 13 cloud/ }))
  expect(screen.getByText(/^Makes “web”/)).toBeTruthy()
})

test('what is wrong is told where it is, and nothing is made', async () => {
  const { run } = show()
  await screen.findByText(/^Makes/)
  go('Resources')
  type('Memory', 'lots')
  submit()
  expect(screen.getByRole('group', { name: 'Disks' })).toBeTruthy()
  go('Source')
  submit()
  expect(screen.getByText('A number and a unit, such as 512M or 4G.')).toBeTruthy()
  expect(field('Memory').value).toBe('lots')
  go('Review')
  expect(screen.getByRole('alert').textContent).toContain('Resources')
  submit()
  expect(run).not.toHaveBeenCalled()
})

test('a password leaves the page as a hash, and is shown in no document', async () => {
  const { run } = show()
  await screen.findByText(/^Makes/)
  go('Name and login')
  type('Password', 'hunter2')
  type('The same again', 'hunter')
  go('Review')
  expect(screen.getByRole('alert').textContent).toContain('The two passwords differ.')
  go('Name and login')
  expect(field('Password').value).toBe('')
  type('Password', 'hunter2')
  type('The same again', 'hunter2')
  go('Network')
  go('Name and login')
  expect(screen.getByText('A password is set.')).toBeTruthy()
  go('Source')
  submit()
  await waitFor(() => expect(run).toHaveBeenCalled())
  const sent = JSON.stringify(run.mock.calls[0])
  expect(sent).toMatch(/"passwordHash":"\$6\$[^"]{100,}"/)
  expect(sent).not.toContain('hunter2')
})

test('a refusal says what to do, and the form is as it was', async () => {
  show({ refusal: { kind: 'precondition', message: 'There is no room.', hint: 'Choose another pool.' } })
  await screen.findByText(/^Makes/)
  go('Name and login')
  type('Name', 'web')
  go('Source')
  submit()
  expect((await screen.findByRole('alert')).textContent).toContain('There is no room. Choose another pool.')
  fireEvent.click(screen.getByRole('button', { name: 'Back to the form' }))
  await screen.findByText(/^Makes “web”/)
})

test('making is stopped, and what it was made of is still there', async () => {
  const { cancel, tell } = show()
  await screen.findByText(/^Makes/)
  submit()
  await waitFor(() =>
    expect(screen.getByRole('button', { name: 'Stop, and undo it' }).getAttribute('aria-disabled')).toBeNull(),
  )
  tell({ step: 'Downloading' })
  fireEvent.click(screen.getByRole('button', { name: 'Stop, and undo it' }))
  expect(cancel).toHaveBeenCalledWith({ taskId: TASK })
  tell({ state: 'cancelled', error: { kind: 'cancelled', message: 'Create was cancelled.' } })
  expect(screen.getByRole('alert').textContent).toContain('was stopped')
  fireEvent.click(screen.getByRole('button', { name: 'Back to the form' }))
  await screen.findByText(/^Makes “debian-13”/)
})

test('the review shows the plan before anything is made', async () => {
  show()
  await screen.findByText(/^Makes/)
  go('Review')
  expect((await screen.findByText('It is slow.')).closest('[role=status]')).toBeTruthy()
  expect(document.querySelector('pre')?.textContent).toBe('<domain/>')
})

test('a connection for looking only is unlocked first', async () => {
  const { run, unlock } = show({ readOnly: true })
  await screen.findByText(/^Makes/)
  submit()
  expect(run).not.toHaveBeenCalled()
  fireEvent.click(screen.getByRole('button', { name: 'Unlock' }))
  expect(unlock).toHaveBeenCalledWith({ uri: SYSTEM })
})

test('what an ended Vireo left half-made can be removed', async () => {
  const { discard } = show()
  await screen.findByText('“half” was half made when Vireo was ended.')
  fireEvent.click(screen.getByRole('button', { name: 'Remove what is left of it' }))
  expect(discard).toHaveBeenCalledWith({ id: HALF })
})

test('a machine whose making nobody knows of any more does not keep the form closed', async () => {
  show({ forgotten: true })
  await screen.findByText(/^Makes/)
  submit()
  expect((await screen.findByRole('alert')).textContent).toContain('Vireo was ended meanwhile')
  fireEvent.click(screen.getByRole('button', { name: 'Back to the form' }))
  await screen.findByText(/^Makes “debian-13”/)
})
