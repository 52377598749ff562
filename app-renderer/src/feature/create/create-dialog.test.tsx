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
  ...{ firmware: 'bios', accelerated: false, osId: null, taken: null, pool: 'default', commands: ['virsh define x'] },
  ...{ file: 'name: debian-13\npasswordHash: HASH\n' },
  ...{ domainXml: '<domain/>', seed: { userData: '#cloud-config\npasswd: HASH', metaData: '', networkConfig: '' } },
  ...{ warnings: ['It is slow.'], files: [] },
}

const networks = [
  {
    ...{ name: 'default', active: true },
    subnets: [{ family: 'ipv4' as const, address: '192.168.122.1', prefix: 24, dhcp: [] }],
  },
]

const host = {
  ...{ hostname: 'here', cpus: 2, memoryBytes: 2 ** 33, cpuModel: 'x86_64' },
  ...{ daemonVersion: '9.0.0', hypervisorVersion: null },
}

const show = ({
  readOnly = false,
  forgotten = false,
  notHere = false,
  refusal = null as AppError | null,
  kind = 'kvm' as const,
} = {}) => {
  const run = vi.fn(async (_wanted: { draft: { source: string; name: string } }) => {
    if (refusal) throw new RemoteError(refusal)
    return { taskId: TASK, id: ID }
  })
  const cancel = vi.fn(async () => ({}))
  const unlock = vi.fn(async () => ({}))
  const unfinished = async () => [{ id: HALF, name: 'half', connection: SYSTEM, startedAt: 1, finishable: true }]
  const seed = vi.fn(async ({ draft }: { draft: { userData?: string } }) => {
    const bad = draft.userData?.includes('[')
    if (bad)
      throw new RemoteError({ kind: 'invalid-input', message: 'It is no YAML.', issues: ['line 2, column 4: why'] })
    return {
      seed: { userData: `#cloud-config\n# ${draft.userData ?? ''}`, metaData: '', networkConfig: '' },
      warnings: [],
    }
  })
  const discard = vi.fn(async () => ({ taskId: TASK }))
  const finish = vi.fn(async () => ({ taskId: TASK, id: ID }))
  const client = {
    create: {
      run,
      options: async () => optionsOf({ networks }),
      sshKeys: async () => [KEY],
      plan: async () => {
        if (notHere) throw new RemoteError({ kind: 'precondition', message: 'It is not here yet.' })
        return plan
      },
      seed,
      unfinished,
      discard,
      finish,
    },
    image: {
      catalogue: async () => [entryOf('debian-13', { name: 'Debian 13' }), entryOf('fedora-44')],
      list: async () => ({ images: [imageOf('abcdef', { name: 'Debian 13 cloud', osId: 'debian-13' })] }),
      changed: () => () => undefined,
      fetch: vi.fn(async () => {
        throw new RemoteError({ kind: 'precondition', message: 'Its checksum is another one.' })
      }),
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
    connections: { state: createStore(() => ({ byUri: new Map([[SYSTEM, connectionOf({ readOnly, kind, host })]]) })) },
  }
  render(
    <StoresContext value={stores as unknown as Stores}>
      <CreateDialog />
    </StoresContext>,
  )
  const tell = (part: Partial<Task>) => act(() => tasks.setState({ byId: new Map([[TASK, taskOf(part)]]) }))
  return { run, cancel, discard, finish, unlock, seed, ui, tell }
}

/** What it will be, as soon as that is told of a machine of that name. */
const summary = async (name: string): Promise<HTMLElement> => {
  const region = within(await screen.findByRole('region', { name: 'What it will be' }))
  await region.findByRole('heading', { name })
  return screen.getByRole('region', { name: 'What it will be' })
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
  expect((await summary('debian-13')).textContent).toMatch(/2 of 2.*1\.5 GiB of 6 GiB free.*10 GiB.*user, your SSH key/)
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
  await summary('fedora-44-2')
  go('Name and login')
  type('Name', 'web')
  go('Source')
  fireEvent.click(screen.getByRole('radio', { name: /Debian 13 cloud/ }))
  await summary('web')
})

test('what is wrong is told where it is, and nothing is made', async () => {
  const { run } = show()
  await summary('debian-13')
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
  await summary('debian-13')
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
  await summary('debian-13')
  go('Name and login')
  type('Name', 'web')
  go('Source')
  submit()
  expect((await screen.findByRole('alert')).textContent).toContain('There is no room. Choose another pool.')
  fireEvent.click(screen.getByRole('button', { name: 'Back to the form' }))
  await summary('web')
})

test('making is stopped, and what it was made of is still there', async () => {
  const { cancel, tell } = show()
  await summary('debian-13')
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
  await summary('debian-13')
})

test('the review shows the plan before anything is made', async () => {
  show()
  await summary('debian-13')
  go('Review')
  expect((await screen.findByText('It is slow.')).closest('[role=status]')).toBeTruthy()
  expect(document.querySelector('pre')?.textContent).toBe('<domain/>')
})

test('a connection for looking only is unlocked first', async () => {
  const { run, unlock } = show({ readOnly: true })
  await summary('debian-13')
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

test('what an ended Vireo left half-made can be made after all, and is opened then', async () => {
  const { finish, tell, ui } = show()
  fireEvent.click(await screen.findByRole('button', { name: 'Make it after all' }))
  expect(finish).toHaveBeenCalledWith({ id: HALF })
  await screen.findByText('Making “half”')
  tell({ state: 'done' })
  expect(ui.go).toHaveBeenCalledWith({ machine: ID })
})

test('a machine whose making nobody knows of any more does not keep the form closed', async () => {
  show({ forgotten: true })
  await summary('debian-13')
  submit()
  expect((await screen.findByRole('alert')).textContent).toContain('Vireo was ended meanwhile')
  fireEvent.click(screen.getByRole('button', { name: 'Back to the form' }))
  await summary('debian-13')
})

test('a machine has several cards, a fixed address of its network, and ports that lead in', async () => {
  const { run } = show()
  await summary('debian-13')
  go('Network')
  expect(await screen.findByText('In 192.168.122.0/24. Empty: it asks for one (DHCP).')).toBeTruthy()
  expect(field('Fixed address').placeholder).toBe('192.168.122.2/24')
  type('Fixed address', '192.168.1.7/24')
  type('Forwarded ports', '2222:22 2222:80')
  go('Review')
  expect(screen.getByRole('alert').textContent).toMatch(/Not an address for a machine.*one place only/)
  go('Network')
  type('Fixed address', '192.168.122.7/24')
  type('Forwarded ports', '2222:22, 8080:80')
  fireEvent.click(screen.getByRole('button', { name: 'Add a network card' }))
  expect(screen.getAllByRole('region', { name: /^Network card/ })).toHaveLength(2)
  expect((await summary('debian-13')).textContent).toContain('default, 192.168.122.7/24')
  go('Source')
  submit()
  await waitFor(() => expect(run).toHaveBeenCalled())
  expect(run.mock.calls[0]?.[0]).toMatchObject({
    draft: {
      networks: [
        {
          ...{ type: 'auto', address: '192.168.122.7/24' },
          forwards: [
            { host: 2222, guest: 22 },
            { host: 8080, guest: 80 },
          ],
        },
        { type: 'auto', forwards: [] },
      ],
    },
  })
})

test('user-data is read while one types, and shown as it is merged', async () => {
  show()
  await summary('debian-13')
  go('Options')
  type('Your own user-data', 'packages: [vim]')
  go('Review')
  expect(screen.getByRole('alert').textContent).toContain('The first line must be #cloud-config.')
  go('Options')
  type('Your own user-data', '#cloud-config\na: [')
  await screen.findByText('line 2, column 4: why')
  type('Your own user-data', '#cloud-config\na: b')
  await screen.findByText('cloud-init takes it.')
  expect(screen.queryByText('line 2, column 4: why')).toBeNull()
  expect(screen.getByLabelText('What cloud-init is told').textContent).toContain('a: b')
})

test('the name of a half-made machine is taken until that is removed', async () => {
  show()
  await summary('debian-13')
  go('Name and login')
  type('Name', 'half')
  go('Source')
  submit()
  expect(screen.getByText(/was half made: remove what is left of it on the first step/)).toBeTruthy()
})

test('what is not here is described as far as it can be, and says why it cannot be fetched', async () => {
  show({ notHere: true })
  fireEvent.click(await screen.findByRole('radio', { name: /fedora-44/ }))
  go('Review')
  await screen.findByText('It is not here yet.')
  await summary('fedora-44-2')
  await waitFor(() => expect(document.querySelector('pre')?.textContent).toContain('#cloud-config'))
  fireEvent.click(screen.getByRole('button', { name: 'Fetch it now' }))
  await screen.findByText('Its checksum is another one.')
})

test('no document shows the hash of a password, and the file makes the same machine again', async () => {
  show()
  await summary('debian-13')
  go('Name and login')
  act(() => dispatch({ type: 'change', part: { passwordHash: 'HASH' } }))
  go('Review')
  fireEvent.click(await screen.findByRole('button', { name: /Domain XML/ }))
  fireEvent.click(await screen.findByRole('option', { name: 'As a file' }))
  expect(document.querySelector('pre')?.textContent).toBe('name: debian-13\npasswordHash: $6$…\n')
})

test('a medium is installed without asking when somebody wants that, and then told who gets in', async () => {
  const { run } = show()
  await summary('debian-13')
  fireEvent.click(screen.getByRole('radio', { name: 'A file or an address of your own' }))
  type('Path or address', '/iso/debian.iso')
  go('Name and login')
  expect(screen.getByText(/its installer asks for them/)).toBeTruthy()
  expect(screen.queryByLabelText('User')).toBeNull()
  fireEvent.click(screen.getByRole('switch', { name: /^Install it without asking/ }))
  expect(screen.getByText(/Its disk is overwritten/)).toBeTruthy()
  type('User', 'ada')
  go('Source')
  submit()
  await waitFor(() => expect(run).toHaveBeenCalled())
  expect(run.mock.calls[0]?.[0]).toMatchObject({
    draft: { source: '/iso/debian.iso', unattended: true, user: 'ada', sshKeys: [KEY.line] },
  })
})
