/** Records of images for tests of the wizard. */
import type { CachedImage, CatalogueImage, CreateOptions } from '@vireo/app-main/contract'

export const entryOf = (id: string, part: Partial<CatalogueImage> = {}): CatalogueImage => ({
  ...{ id, name: id, family: id.split('-')[0] ?? id, version: '1', icon: 'disk', origin: 'catalogue' },
  ...{ architectures: ['x86_64'], ways: ['image'], defaultUser: 'user', firmware: 'any', minimum: null },
  ...{ suggested: { vcpus: 4, memoryMiB: 1536, diskGiB: 10 }, supportedUntil: null, osinfo: null, agentInstall: [] },
  ...{ cached: null, first: 'download', place: null, inPlace: false },
  ...part,
})

export const imageOf = (sha256: string, part: Partial<CachedImage> = {}): CachedImage => ({
  ...{ sha256, name: sha256, path: `/images/${sha256}`, format: 'qcow2', bytes: 2 ** 30, fileBytes: 2 ** 28 },
  ...{ osId: 'unknown', architecture: null, defaultUser: null, firmware: 'any', url: null, addedAt: 1, usedAt: 1 },
  ...{ signature: { state: 'none', about: '' }, users: [], from: 'fetched' },
  ...part,
})

export const optionsOf = (part: Partial<CreateOptions> = {}): CreateOptions => ({
  ...{ cpus: 2, memoryBytes: 8 * 2 ** 30, maxCpus: 8, accelerated: false, firmwares: ['bios', 'uefi'], tpm: false },
  ...{ portForwards: false, networks: [{ name: 'default', active: true, subnets: [] }], pools: [] },
  ...{ local: true, availableMemoryBytes: 6 * 2 ** 30 },
  ...part,
})
