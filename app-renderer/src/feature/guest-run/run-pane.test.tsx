import {
  type AppError,
  encodeExecFrame,
  type ExecResult,
  LOGIN_ACTION,
  RemoteError,
  type VireoClient,
} from '@vireo/app-main/contract'
import { act, cleanup, configure, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { connectionOf, domainOf, SYSTEM } from '../../store/testing.ts'
import { MemoryStream } from '../console/memory-stream.ts'
import { RunPane } from './run-pane.tsx'

// A busy computer takes its time to draw.
configure({ asyncUtilTimeout: 10_000 })
const domain = domainOf('web-1')
const ended: ExecResult = {
  ...{ exitCode: 0, signal: null, timedOut: false, truncated: false, durationMs: 5, method: 'serial' },
}

interface Asked {
  readonly method: string
}

/** A guest that refuses every way in `refusals` and runs what comes another way, once a login is known. */
const show = (refusals: Readonly<Record<string, AppError>>, { readOnly = false } = {}) => {
  let login: string | null = null
  const asked: string[] = []
  const exec = async ({ method }: Asked) => {
    asked.push(method)
    const refusal = refusals[method]
    if (refusal && login === null) throw new RemoteError(refusal)
    const stream = new MemoryStream()
    setTimeout(() => {
      stream.push(encodeExecFrame('stdout', new TextEncoder().encode('from the guest')))
      stream.push(encodeExecFrame('end', new TextEncoder().encode(JSON.stringify(ended))))
      stream.close()
    }, 1)
    return stream
  }
  const setLogin = vi.fn(async ({ user }: { user: string }) => void (login = user))
  const unlock = vi.fn(async () => ({}))
  const client = {
    guest: { exec, setLogin, login: async () => ({ user: login }) },
    connection: { unlock },
  } as unknown as VireoClient
  const connections = { state: createStore(() => ({ byUri: new Map([[SYSTEM, connectionOf({ readOnly })]]) })) }
  render(
    <StoresContext value={{ client, connections } as unknown as Stores}>
      <RunPane domain={domain} />
    </StoresContext>,
  )
  return { asked, setLogin, unlock }
}

const run = (command: string): void => {
  fireEvent.change(screen.getByRole('textbox', { name: 'Command' }), { target: { value: command } })
  fireEvent.click(screen.getByRole('button', { name: 'Run' }))
}

beforeEach(() => {
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe(): void {}
      disconnect(): void {}
    },
  )
  Element.prototype.scrollTo = () => undefined
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

test('where no agent answers the other ways are offered, and a login is asked for where it is wanted', async () => {
  const login: AppError = { kind: 'permission', action: LOGIN_ACTION, message: 'The serial line asks for a login.' }
  const { asked, setLogin } = show({ auto: { kind: 'unsupported', message: 'No guest agent answers.' }, serial: login })
  run('id')
  await screen.findByText('No guest agent answers.')
  fireEvent.click(screen.getByRole('button', { name: 'Try the serial line' }))
  await screen.findByText(login.message)
  fireEvent.click(screen.getByRole('button', { name: 'Log in…' }))
  const dialog = within(screen.getByRole('dialog'))
  fireEvent.change(dialog.getByLabelText('User'), { target: { value: 'ada' } })
  fireEvent.change(dialog.getByLabelText('Password'), { target: { value: 'secret' } })
  fireEvent.click(dialog.getByRole('button', { name: 'Log in and run' }))
  await screen.findByText('from the guest')
  await waitFor(() => expect(screen.getByRole('log').textContent).toContain('by the serial line'))
  expect(setLogin).toHaveBeenCalledWith({ id: domain.id, user: 'ada', password: 'secret' })
  expect(asked).toEqual(['auto', 'serial', 'serial'])
  expect(document.body.textContent).not.toContain('secret')
})

test('who may only look is offered to unlock, and nothing is asked of the guest', async () => {
  const { unlock, asked } = show({}, { readOnly: true })
  expect(screen.queryByRole('textbox', { name: 'Command' })).toBeNull()
  await act(async () => fireEvent.click(screen.getByRole('button', { name: 'Unlock' })))
  expect(unlock).toHaveBeenCalledWith({ uri: SYSTEM })
  expect(asked).toEqual([])
})
