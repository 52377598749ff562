import { expect, test, vi } from 'vitest'
import * as v from '../../libvirt/generated/constants.ts'
import { LibvirtError } from '../../libvirt/index.ts'
import { retryPortCollision } from './port-collision.ts'

const NO_DETAILS = { level: 2, str1: null, str2: null, str3: null }
const failure = (message: string) =>
  new LibvirtError({ ...NO_DETAILS, code: v.VIR_ERR_INTERNAL_ERROR, domain: v.VIR_FROM_QEMU, message })
const TAKEN =
  'internal error: process exited while connecting to monitor: 2026-01-01T00:00:00Z qemu-system-x86_64: ' +
  '-vnc 127.0.0.1:3,audiodev=audio1: Failed to find an available port: Address already in use'
const { signal } = new AbortController()

test('a machine whose port was taken in this moment is started again', async () => {
  const start = vi.fn().mockRejectedValueOnce(failure(TAKEN)).mockResolvedValue('started')
  expect(await retryPortCollision(start, signal)).toBe('started')
})

test('a port that stays taken is told', async () => {
  const start = vi.fn().mockRejectedValue(failure(TAKEN))
  await expect(retryPortCollision(start, signal)).rejects.toThrow('Address already in use')
  expect(start).toHaveBeenCalledTimes(3)
})

test('another failure is told at once, also one about another address', async () => {
  const start = vi.fn().mockRejectedValue(failure('-netdev socket,listen=:1: Address already in use'))
  await expect(retryPortCollision(start, signal)).rejects.toThrow('-netdev')
  expect(start).toHaveBeenCalledTimes(1)
})

test('nobody starts again what was cancelled', async () => {
  const controller = new AbortController()
  const start = vi.fn().mockImplementation(() => {
    controller.abort()
    return Promise.reject(failure(TAKEN))
  })
  await expect(retryPortCollision(start, controller.signal)).rejects.toThrow('in use')
  expect(start).toHaveBeenCalledTimes(1)
})
