import type { DomainStats, VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { SPAN } from '../../store/guest-series.ts'
import { StoresContext } from '../../store/hooks.ts'
import { createStatsStore } from '../../store/stats.ts'
import type { Stores } from '../../store/stores.ts'
import { createTelemetryStore } from '../../store/telemetry.ts'
import { connectionOf, domainOf, sampleOf, SYSTEM } from '../../store/testing.ts'
import { LiveCharts } from './live-charts.tsx'
import { moved } from './time-cursor.tsx'

// Other files of this worker may have loaded the real one.
vi.hoisted(() => vi.resetModules())
// Canvases are e2e's: here stands what is told beside the pictures.
vi.mock('./plot.tsx', () => ({ Plot: () => null }))

const GIB = 2 ** 30
const domain = domainOf('a')
/** Divisible by all intervals. */
const NOW = 1_800_000_000_000

const busy = (id: DomainStats['id']): DomainStats => ({
  ...{ id, at: Date.now(), vcpus: 1, cpuSeconds: Date.now() / 4000, memoryUsedBytes: null, memoryBytes: GIB },
  ...{ diskReadBytes: 0, diskWriteBytes: Date.now() * 1.024, netReceiveBytes: null, netTransmitBytes: null },
})

/** The charts of a machine whose guest is measured every five seconds, if it has an agent. */
const show = ({ agent = true, readOnly = false } = {}) => {
  const asked = vi.fn()
  const told = ({ ids, since }: { ids: string[]; since: number }) => {
    asked()
    const samples = Array.from({ length: 181 }, (_, at) => Date.now() - (180 - at) * 5000)
      .filter(at => at > since)
      .map(at => sampleOf(at, { cpuPercent: 50, memoryTotalBytes: 4 * GIB, memoryAvailableBytes: GIB }))
    return Promise.resolve(agent ? ids.map(id => ({ id, dialect: 'vireo', osName: null, samples })) : [])
  }
  const client = {
    domain: { stats: ({ ids }: { ids: DomainStats['id'][] }) => Promise.resolve(ids.map(busy)) },
    guest: { telemetry: told },
  } as unknown as VireoClient
  const stores = {
    connections: { state: createStore(() => ({ byUri: new Map([[SYSTEM, connectionOf({ readOnly })]]) })) },
    stats: createStatsStore(client),
    telemetry: createTelemetryStore(client),
  } as unknown as Stores
  const view = render(
    <StoresContext value={stores}>
      <LiveCharts domain={domain} />
    </StoresContext>,
  )
  return { asked, ...view }
}
const turn = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms))
const card = (name: string) => screen.getAllByRole('figure').find(one => one.textContent?.startsWith(name))?.textContent

beforeEach(() => {
  vi.useFakeTimers({ now: NOW })
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

test('every chart says its newest figures and who told them', async () => {
  show()
  await turn(5000)
  expect(card('Processor')).toBe('Processortold by the guest50% busy')
  expect(card('Memory')).toBe('Memorytold by the guest3 GiB used1 GiB available')
  expect(card('Disk')).toBe('Disktold by the hypervisor0 B/s read1 KiB/s written')
  expect(card('Network')).toBe('Networknot measured')
})

test('without an agent the hypervisor tells, and a connection for looking only asks no guest', async () => {
  show({ agent: false })
  await turn(5000)
  expect(card('Processor')).toBe('Processortold by the hypervisor25% busy')
  cleanup()
  const { asked } = show({ readOnly: true })
  await turn(20_000)
  expect(asked).not.toHaveBeenCalled()
})

test('nothing is asked once nobody looks', async () => {
  const { asked, unmount } = show()
  await turn(5000)
  unmount()
  asked.mockClear()
  await turn(60_000)
  expect(asked).not.toHaveBeenCalled()
})

test('the figures of any moment are reached by keys, and told to who listens', async () => {
  show()
  await turn(5000)
  const slider = screen.getByRole('slider', { name: 'Moment' })
  expect(slider.getAttribute('aria-valuetext')).toMatch(
    /^Now\. Processor: 50% busy\. Memory: 3 GiB used and 1 GiB avail/,
  )
  fireEvent.keyDown(slider, { key: 'PageDown' })
  expect(Number(slider.getAttribute('aria-valuenow'))).toBe(-60)
  expect(slider.getAttribute('aria-valuetext')).toMatch(/^\d+:\d\d:\d\d.*Processor: 50% busy.*Disk: not measured/)
  fireEvent.keyDown(slider, { key: 'Escape' })
  expect(slider.getAttribute('aria-valuenow')).toBe('0')
})

test('a table sums up the pictures', async () => {
  show()
  await turn(9000)
  const table = screen.getByRole('table', { name: 'Summary of the last 15 minutes' })
  const row = within(table).getByRole('row', { name: /^Disk, written/ })
  expect(row.textContent).toBe('Disk, written1 KiB/s1 KiB/s1 KiB/s')
})

test.each([
  ['ArrowLeft', null, NOW - 5000],
  ['ArrowRight', NOW - 20_000, NOW - 15_000],
  ['ArrowRight', NOW - 4000, 'now'],
  ['PageUp', NOW - 300_000, NOW - 240_000],
  ['Home', null, NOW - SPAN],
  ['ArrowLeft', NOW - SPAN, NOW - SPAN],
  ['End', NOW - 300_000, 'now'],
  ['a', null, null],
] as const)('%s at %s moves to %s', (key, at, to) => {
  expect(moved(key, at, NOW)).toBe(to)
})
