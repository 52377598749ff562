import { expect, it, vi } from 'vitest'
import type { ConnectionState, ConnectionUri } from '../../contract/index.ts'
import { daemonNews } from './daemon-news.ts'

it('a connection that is lost or comes back is news of this computer, one more attempt or another computer is none', () => {
  const states = new Map<ConnectionUri, ConnectionState>()
  const tell = vi.fn()
  const heard = daemonNews(() => [...states].map(([uri, state]) => ({ uri, status: { state } })), tell)
  const news = (uri: string, state: ConnectionState | null): number => {
    tell.mockClear()
    if (state === null) states.delete(uri as ConnectionUri)
    else states.set(uri as ConnectionUri, state)
    heard()
    return tell.mock.calls.length
  }
  expect(news('lxd:///', 'connecting')).toBe(0)
  expect(news('lxd:///', 'ready')).toBe(1)
  expect(news('lxd:///', 'ready')).toBe(0)
  expect(news('lxd:///', 'lost')).toBe(1)
  expect(news('lxd:///', 'connecting')).toBe(0)
  expect(news('lxd:///', 'unavailable')).toBe(0)
  expect(news('qemu:///system', 'not-responding')).toBe(0)
  expect(news('qemu:///system', 'ready')).toBe(1)
  expect(news('lxd:///', 'ready')).toBe(1)
  expect(news('qemu+ssh://far/system', 'ready')).toBe(0)
  expect(news('qemu+ssh://far/system', 'lost')).toBe(0)
  expect(news('lxd:///', null)).toBe(0)
})
