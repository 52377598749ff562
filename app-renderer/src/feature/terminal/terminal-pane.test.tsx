import type { SshAccess, VireoClient } from '@vireo/app-main/contract'
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { domainOf } from '../../store/testing.ts'
import { TerminalPane } from './terminal-pane.tsx'

// xterm.js needs a browser that draws.
vi.mock('../serial/terminal-console.tsx', () => ({ TerminalConsole: () => <p>a terminal</p> }))
afterEach(cleanup)

const domain = domainOf('web')

const show = () => {
  let access: SshAccess = {
    ...{ id: domain.id, host: null, port: 22, user: null, keyFile: null, address: null, claimed: null },
    ...{ ownUser: 'ada', hostKeyKnown: false, connected: false },
  }
  const listeners: (() => void)[] = []
  const setAccess = vi.fn(async (part: object) => ({ ...access, ...part }))
  const ssh = {
    ...{ access: async () => access, setAccess, terminal: vi.fn() },
    changed: (listener: () => void) => (listeners.push(listener), () => undefined),
  }
  const stores = { client: { ssh } as unknown as VireoClient, online: createStore(() => true) }
  render(
    <StoresContext value={stores as unknown as Stores}>
      <TerminalPane domain={domain} shown />
    </StoresContext>,
  )
  const appears = (address: string): void => {
    access = { ...access, address }
    for (const listener of listeners) listener()
  }
  return { appears, setAccess }
}

test('a machine whose address appears is connected to, when nobody typed one', async () => {
  const { appears } = show()
  await screen.findByLabelText('Host')
  appears('192.0.2.5')
  await screen.findByText('a terminal')
})

test('what was typed is not taken away by an address that appears; it can be left for that', async () => {
  const { appears, setAccess } = show()
  const field = await screen.findByLabelText<HTMLInputElement>('Host')
  fireEvent.input(field, { target: { value: 'box.lan' } })
  appears('192.0.2.5')
  await screen.findByText('Its address is known now: 192.0.2.5.')
  expect(screen.getByLabelText<HTMLInputElement>('Host').value).toBe('box.lan')
  fireEvent.click(screen.getByRole('button', { name: 'Save and connect' }))
  await screen.findByText('a terminal')
  expect(setAccess).toHaveBeenCalledWith(expect.objectContaining({ host: 'box.lan' }))
})

test('the address that appeared is taken with one press', async () => {
  const { appears, setAccess } = show()
  fireEvent.input(await screen.findByLabelText('Host'), { target: { value: 'b' } })
  appears('192.0.2.5')
  fireEvent.click(await screen.findByRole('button', { name: 'Connect there' }))
  await waitFor(() => expect(screen.getByText('a terminal')).toBeTruthy())
  expect(setAccess).not.toHaveBeenCalled()
})
