import { expect, it } from 'vitest'
import { shownAddress } from './http.ts'
import { sourceKey } from './source.ts'

it('an address is shown and noted without what may be secret, and other queries are other wishes', async () => {
  const signed = 'https://ada:hunter2@host.example/disk.qcow2?X-Signature=topsecret#part'
  expect(shownAddress(signed)).toBe('https://host.example/disk.qcow2')
  const key = (url: string) => sourceKey({ kind: 'url', url })
  const keys = await Promise.all([signed, signed.replace('top', 'other'), 'https://host.example/disk.qcow2'].map(key))
  expect(keys.join(' ')).not.toMatch(/hunter2|secret/)
  expect(new Set(keys).size).toBe(3)
  expect(keys[2]).toBe('url:https://host.example/disk.qcow2')
})
