import type { DomainStats, DomainSummary, GuestTelemetry, VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, render, screen } from '@testing-library/react'
import { Profiler } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { StoresContext } from '../../store/hooks.ts'
import { learn, silence } from '../../store/guest-series.ts'
import { remember } from '../../store/rates.ts'
import { createStatsStore } from '../../store/stats.ts'
import type { Stores } from '../../store/stores.ts'
import { createTelemetryStore } from '../../store/telemetry.ts'
import { domainOf, sampleOf, statsOf } from '../../store/testing.ts'
import { AddressCell, CpuCell } from './cells.tsx'
import { DiskCell, MemoryCell, OsCell } from './guest-cells.tsx'

afterEach(cleanup)

const domain = domainOf('a')
const { id } = domain

/** The measured cells of one row; `measure` is what the server told of its machine, seconds after the beginning. */
const row = (shown: DomainSummary = domain) => {
  const stats = createStatsStore({} as VireoClient)
  const telemetry = createTelemetryStore({} as VireoClient)
  const painted = vi.fn()
  const { container } = render(
    <StoresContext value={{ stats, telemetry } as Stores}>
      <Profiler id="row" onRender={painted}>
        <CpuCell id={id} live />
        <MemoryCell domain={shown} live={shown.state === 'running'} />
        <div data-testid="inside">
          <OsCell domain={shown} />
          <DiskCell domain={shown} live={shown.state === 'running'} />
          <AddressCell domain={shown} />
        </div>
      </Profiler>
    </StoresContext>,
  )
  const measure = (seconds: number, part: Partial<DomainStats>) =>
    act(() =>
      stats.state.setState(({ byId }) => ({
        byId: new Map(byId).set(id, remember(byId.get(id), statsOf('a', seconds * 1000, part))),
      })),
    )
  const tell = (seconds: number, part: Partial<GuestTelemetry>, osName = 'Debian GNU/Linux 12 (bookworm)') =>
    act(() =>
      telemetry.state.setState(({ byId }) => {
        const told = { dialect: 'vireo' as const, osName, samples: [sampleOf(seconds * 1000, part)] }
        return { byId: new Map(byId).set(id, learn(byId.get(id), told, { deep: false, whole: false })) }
      }),
    )
  const fallSilent = () =>
    act(() =>
      telemetry.state.setState(({ byId }) => ({
        byId: new Map([...byId].map(([key, record]) => [key, silence(record)])),
      })),
    )
  const inside = () => screen.getByTestId('inside')
  return { container, painted, measure, tell, fallSilent, inside }
}

const used = { memoryUsedBytes: 2 ** 30, memoryBytes: 2 ** 31, vcpus: 2 }

test('a row shows its figures and a line as soon as there is one', () => {
  const { container, measure } = row()
  measure(0, { ...used, cpuSeconds: 0 })
  expect(container.querySelector('svg')).toBeNull()
  measure(4, { ...used, cpuSeconds: 2 })
  expect(container.textContent).toMatch(/^25%1 \/ 2 GiB/)
  measure(8, { ...used, cpuSeconds: 10 })
  expect(container.textContent).toMatch(/^100%1 \/ 2 GiB/)
  expect([...container.querySelectorAll('path')].at(-1)?.getAttribute('d')).toMatch(/^M\S+ 22L100\.0 2$/)
})

test('a row whose machine goes on as before is not painted again', () => {
  const { painted, measure } = row()
  // Hardly busy, and never quite the same.
  const idle = (index: number) => measure(index * 4, { ...used, cpuSeconds: index * 0.16 + (index % 3) * 0.004 })
  for (let index = 0; index < 40; index++) idle(index)
  painted.mockClear()
  for (let index = 40; index < 50; index++) idle(index)
  expect(painted).not.toHaveBeenCalled()
})

const GIB = 2 ** 30
const filesystem = (mountPoint: string, usedBytes: number) => ({
  ...{ mountPoint, device: `/dev${mountPoint}`, type: 'ext4', totalBytes: 100, usedBytes, availableBytes: null },
})
const guest: Partial<GuestTelemetry> = {
  ...{
    memoryTotalBytes: 4 * GIB,
    memoryAvailableBytes: GIB,
    filesystems: [filesystem('/', 40), filesystem('/var', 93)],
  },
  interfaces: [
    { name: 'eth0', mac: null, addresses: ['10.0.0.9/24'], up: true, mtu: null, receivedBytes: 0, sentBytes: 0 },
  ],
}

test('what the guest tells is shown while it answers', () => {
  const { container, inside, tell, fallSilent } = row()
  expect(inside().textContent).toBe('unknown——')
  tell(10, guest)
  expect(inside().textContent).toBe('Debian 1293%10.0.0.9')
  expect(container.textContent).toContain('3 / 4 GiB')
  expect(screen.getByTitle('/var: 93 B of 100 B')).toBeTruthy()
  expect(screen.getByTitle('Debian GNU/Linux 12 (bookworm)')).toBeTruthy()
  fallSilent()
  expect(inside().textContent).toBe('unknown——')
  expect(container.textContent).toContain('2 GiB')
})

test('a machine that is off shows nothing of what its guest told before', () => {
  const { inside, tell } = row(domainOf('a', { state: 'shutoff' }))
  tell(10, guest)
  expect(inside().textContent).toBe('unknown——')
})

test('markup and huge numbers from a guest are text and nothing', () => {
  const { container, inside, tell } = row()
  const huge = { ...filesystem('/', 1e300), totalBytes: Number.NaN }
  tell(10, { ...guest, memoryTotalBytes: 1e300, filesystems: [huge] }, '<img src=x onerror=alert(1)>')
  expect(inside().textContent).toBe('<img src=x onerror=alert(1)>—10.0.0.9')
  expect(container.querySelector('img')).toBeNull()
})

test('a guest that goes on as before is not painted again', () => {
  const { painted, tell } = row()
  tell(10, guest)
  painted.mockClear()
  for (let index = 2; index < 20; index++) tell(index * 10, { ...guest, cpuPercent: index, uptimeSeconds: index })
  expect(painted).not.toHaveBeenCalled()
})
