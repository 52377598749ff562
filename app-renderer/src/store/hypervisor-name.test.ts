import type { ConnectionUri } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { countByHypervisor, hypervisorName, knownHypervisor, ofHypervisor } from './hypervisor-name.ts'
import { domainOf, mapOf } from './testing.ts'

const lxd = { kind: 'lxd', connection: 'lxd:///' as ConnectionUri } as const
const incus = { kind: 'lxd', connection: 'incus:///?project=web' as ConnectionUri } as const
const all = mapOf(domainOf('vm'), domainOf('box', lxd), domainOf('box-2', lxd), domainOf('cell', incus))

test('LXD and Incus are two products of one driver', () => {
  expect(hypervisorName(lxd)).toBe('LXD')
  expect(hypervisorName(incus)).toBe('Incus')
  expect([...countByHypervisor(all)]).toEqual([
    ['Incus', 1],
    ['KVM', 1],
    ['LXD', 2],
  ])
})

test('one product’s machines are shown alone', () => {
  expect([...ofHypervisor(all, 'LXD').values()].map(({ name }) => name)).toEqual(['box', 'box-2'])
  expect(ofHypervisor(all, null)).toBe(all)
})

test('a choice hides nobody once its product has no machine, or is the only one', () => {
  expect(knownHypervisor(countByHypervisor(all), 'LXD')).toBe('LXD')
  expect(knownHypervisor(countByHypervisor(all), 'Podman')).toBeNull()
  expect(knownHypervisor(countByHypervisor(mapOf(domainOf('box', lxd))), 'LXD')).toBeNull()
  expect(knownHypervisor(countByHypervisor(all), null)).toBeNull()
})
