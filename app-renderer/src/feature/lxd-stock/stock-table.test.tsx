import {
  RemoteError,
  type ConnectionUri,
  type DomainSummary,
  type LxdPool,
  type VireoClient,
} from '@vireo/app-main/contract'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { connectionOf } from '../../store/testing.ts'
import { POOLS } from './kinds.tsx'
import { StockTable } from './stock-table.tsx'

const LXD = 'lxd:///' as ConnectionUri
const POOL: LxdPool = { name: 'default', driver: 'dir', status: 'Created', totalBytes: 2 * 1024 ** 3, usedBytes: null }

const show = (pools: (input: { connection: ConnectionUri }) => Promise<readonly LxdPool[]>) => {
  const listeners: ((change: { connection: string; changed: DomainSummary[] }) => void)[] = []
  const domain = { changed: (listener: (typeof listeners)[number]) => (listeners.push(listener), () => undefined) }
  const connection = { ...connectionOf(), uri: LXD, kind: 'lxd' as const }
  const stores = {
    client: { lxd: { pools }, domain } as unknown as VireoClient,
    online: createStore(() => true),
    connections: { state: createStore(() => ({ byUri: new Map([[LXD, connection]]) })) },
  }
  render(
    <StoresContext value={stores as unknown as Stores}>
      <StockTable kind={POOLS} connection={LXD} />
    </StoresContext>,
  )
  return (uri: string) => listeners.forEach(listener => listener({ connection: uri, changed: [] }))
}

afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

test('what LXD has is shown, and asked for again after news of its machines, not of others’', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true })
  const pools = vi.fn<() => Promise<readonly LxdPool[]>>().mockResolvedValue([POOL])
  const tell = show(pools)
  expect(await screen.findByRole('rowheader', { name: 'default' })).toBeDefined()
  const cells = screen.getAllByRole('cell').map(({ textContent }) => textContent)
  expect(cells).toEqual(['dir', 'Created', '—', '2 GiB'])
  tell('qemu:///system')
  await act(() => vi.advanceTimersByTimeAsync(5000))
  expect(pools).toHaveBeenCalledTimes(1)
  pools.mockResolvedValue([])
  tell(LXD)
  await act(() => vi.advanceTimersByTimeAsync(5000))
  expect(pools).toHaveBeenCalledTimes(2)
  expect(screen.getByText('There is no storage pool.')).toBeDefined()
})

test('a refusal is told, and what was known stays', async () => {
  const pools = vi.fn<() => Promise<readonly LxdPool[]>>()
  pools.mockRejectedValueOnce(new RemoteError({ kind: 'timeout', message: 'LXD does not answer.' }))
  pools.mockResolvedValue([POOL])
  show(pools)
  expect(await screen.findByText('LXD does not answer.')).toBeDefined()
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByRole('rowheader', { name: 'default' })).toBeDefined()
  expect(screen.queryByText('LXD does not answer.')).toBeNull()
})
