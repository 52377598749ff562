import type { VireoClient } from '@vireo/app-main/contract'
import { act, cleanup, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { StoresContext } from '../../store/hooks.ts'
import type { Stores } from '../../store/stores.ts'
import { domainOf } from '../../store/testing.ts'
import { useDetail } from './use-detail.ts'

afterEach(cleanup)

test('is asked for again when the summary changed and when a medium of this machine did', async () => {
  const domain = domainOf('web')
  const get = vi.fn(async () => ({ ...domain, disks: [] }))
  let tell: (told: { id: string }) => void = () => undefined
  const end = vi.fn()
  const changed = (listener: typeof tell) => {
    tell = listener
    return end
  }
  const client = { domain: { get }, media: { changed } } as unknown as VireoClient
  const wrapper = ({ children }: { children: ReactNode }) => (
    <StoresContext value={{ client } as unknown as Stores}>{children}</StoresContext>
  )
  const { rerender, unmount } = renderHook(({ one }) => useDetail(one), { wrapper, initialProps: { one: domain } })
  await act(async () => undefined)
  expect(get).toHaveBeenCalledTimes(1)
  await act(async () => tell({ id: 'another' }))
  expect(get).toHaveBeenCalledTimes(1)
  await act(async () => tell({ id: domain.id }))
  expect(get).toHaveBeenCalledTimes(2)
  rerender({ one: { ...domain } })
  await act(async () => undefined)
  expect(get).toHaveBeenCalledTimes(3)
  unmount()
  expect(end).toHaveBeenCalledTimes(1)
})
