import type { VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test } from 'vitest'
import { createStore } from 'zustand/vanilla'
import { learn } from '../../store/guest-series.ts'
import { StoresContext } from '../../store/hooks.ts'
import { createStatsStore } from '../../store/stats.ts'
import type { Stores } from '../../store/stores.ts'
import { createTelemetryStore } from '../../store/telemetry.ts'
import { domainOf, mapOf, sampleOf } from '../../store/testing.ts'
import { useRows } from './use-rows.ts'

afterEach(cleanup)

test('a search finds what a guest tells after it was typed', () => {
  const domain = domainOf('a')
  const telemetry = createTelemetryStore({} as VireoClient)
  const view = { hypervisor: null, filter: 'all', query: 'bookworm', sort: { key: 'name', direction: 'ascending' } }
  const stores = {
    ...{ telemetry, stats: createStatsStore({} as VireoClient) },
    domains: { state: createStore(() => ({ byId: mapOf(domain) })) },
    ui: { state: createStore(() => view) },
  }
  // Only what the hook asks.
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StoresContext value={stores as unknown as Stores}>{children}</StoresContext>
  )
  const { result } = renderHook(useRows, { wrapper })
  expect(result.current).toEqual([])
  const told = { dialect: 'vireo' as const, osName: 'bookworm', samples: [sampleOf(1000)] }
  act(() =>
    telemetry.state.setState({ byId: new Map([[domain.id, learn(undefined, told, { deep: false, whole: false })]]) }),
  )
  expect(result.current).toEqual([domain])
})
