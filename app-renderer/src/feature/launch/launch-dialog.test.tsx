import { RemoteError, type ConnectionUri, type VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { connectionOf } from '../../store/testing.ts'
import { LaunchDialog } from './launch-dialog.tsx'

// A busy computer takes its time to draw.
configure({ asyncUtilTimeout: 10_000 })
afterEach(cleanup)

const LXD = 'lxd:///' as ConnectionUri
const at = (state: 'ready' | 'connecting') => ({
  byUri: new Map([[LXD, { ...connectionOf(), uri: LXD, kind: 'lxd' as const, state }]]),
})

test('keeps what was filled in when LXD refuses, and when its connection is lost for a moment', async () => {
  const launch = vi
    .fn(async () => ({ taskId: 'one' }))
    .mockRejectedValueOnce(new RemoteError({ kind: 'refused', message: 'No such image.' }))
  const client = {
    lxd: { launch, images: async () => [], networks: async () => [], profiles: async () => [] },
  } as unknown as VireoClient
  const connections = { state: createStore(() => at('ready')) }
  const ui = { state: createStore<{ dialog: string | null }>(() => ({ dialog: 'launch' })) }
  const domains = { state: createStore(() => ({ byId: new Map() })) }
  render(
    <StoresContext value={{ client, connections, ui, domains } as unknown as Stores}>
      <LaunchDialog />
    </StoresContext>,
  )
  fireEvent.change(screen.getByLabelText('Image'), { target: { value: 'micro' } })
  fireEvent.change(screen.getByLabelText('Name'), { target: { value: 'web' } })
  fireEvent.click(screen.getByRole('button', { name: 'Launch' }))
  await screen.findByText('No such image.')
  expect(ui.state.getState().dialog).toBe('launch')
  act(() => connections.state.setState(at('connecting')))
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('web')
  act(() => connections.state.setState(at('ready')))
  fireEvent.click(screen.getByRole('button', { name: 'Launch' }))
  await waitFor(() => expect(ui.state.getState().dialog).toBeNull())
  expect(launch).toHaveBeenCalledTimes(2)
})
