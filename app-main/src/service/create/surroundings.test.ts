import { expect, it } from 'vitest'
import type { BootProbe } from '../../contract/index.ts'
import type { CreationHost } from '../../hypervisor/creation.ts'
import { kvmUsable } from './surroundings.ts'

const host = (change: Partial<CreationHost>): CreationHost => ({
  ...{ local: true, foreignUser: true, arch: 'x86_64', machine: 'q35', emulator: null, kvm: true, maximumCpu: true },
  ...{ hostPassthrough: true, cpus: 8, memoryBytes: 2 ** 34, maxCpus: 255, uefi: true, secureBoot: true, tpm: true },
  ...{ virtioVideo: true, vdagent: false, passt: false, backingStoreInput: true, networks: [] },
  ...change,
})

it.each<[string, Partial<CreationHost>, BootProbe['verdict'] | null, boolean]>([
  ['nobody could try', {}, null, true],
  ['it works', {}, 'works', true],
  ['it fails', {}, 'fails', false],
  ['it crawls', {}, 'crawls', false],
  ['only the user of the machines may try', {}, 'not-possible', true],
  ['machines run as the user who may not', { foreignUser: false }, 'not-possible', false],
  ['libvirt does not offer it', { kvm: false }, 'works', false],
  ['the host is another computer', { local: false }, 'fails', true],
])('whether machines use KVM is told where %s', async (_where, change, verdict, usable) => {
  expect(await kvmUsable(host(change), async () => verdict)).toBe(usable)
})
