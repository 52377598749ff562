import type { DomainStats, VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, render } from '@testing-library/react'
import { Profiler } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { StoresContext } from '../../store/hooks.ts'
import { remember } from '../../store/rates.ts'
import { createStatsStore } from '../../store/stats.ts'
import type { Stores } from '../../store/stores.ts'
import { domainOf, statsOf } from '../../store/testing.ts'
import { CpuCell, MemoryCell } from './cells.tsx'

afterEach(cleanup)

const { id } = domainOf('a')

/** Both cells of one row; `measure` is what the server told of its machine, seconds after the beginning. */
const row = () => {
  const stats = createStatsStore({} as VireoClient)
  const painted = vi.fn()
  const { container } = render(
    <StoresContext value={{ stats } as Stores}>
      <Profiler id="row" onRender={painted}>
        <CpuCell id={id} live />
        <MemoryCell id={id} live total={2 ** 31} />
      </Profiler>
    </StoresContext>,
  )
  const measure = (seconds: number, part: Partial<DomainStats>) =>
    act(() =>
      stats.state.setState(({ byId }) => ({
        byId: new Map(byId).set(id, remember(byId.get(id), statsOf('a', seconds * 1000, part))),
      })),
    )
  return { container, painted, measure }
}

const used = { memoryUsedBytes: 2 ** 30, memoryBytes: 2 ** 31, vcpus: 2 }

test('a row shows its figures and a line as soon as there is one', () => {
  const { container, measure } = row()
  measure(0, { ...used, cpuSeconds: 0 })
  expect(container.querySelector('svg')).toBeNull()
  measure(4, { ...used, cpuSeconds: 2 })
  expect(container.textContent).toBe('25%1 / 2 GiB')
  measure(8, { ...used, cpuSeconds: 10 })
  expect(container.textContent).toBe('100%1 / 2 GiB')
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
