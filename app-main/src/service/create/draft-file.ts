/** A draft as a person would write it down. */
import { stringify } from 'yaml'
import { CreateDraft } from '../../contract/index.ts'

const UNITS = [
  ['G', 2 ** 30],
  ['M', 2 ** 20],
  ['K', 2 ** 10],
] as const

/** As short as it is exact. */
const sizeText = (bytes: number): string | number => {
  const unit = UNITS.find(([, size]) => bytes % size === 0)
  return unit ? `${bytes / unit[1]}${unit[0]}` : bytes
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

const without = (given: object, defaults: object): object => {
  const usual = new Map<string, unknown>(Object.entries(defaults))
  return Object.fromEntries(
    Object.entries(given).filter(([key, value]) => value !== undefined && !same(value, usual.get(key))),
  )
}

const NIC = { nameServers: [], forwards: [] }

/** YAML that `vireo create -f` takes and that means the same; what was left open is left out. */
export const draftFile = (draft: CreateDraft): string => {
  const { memory, disk } = draft
  const plain = {
    ...draft,
    ...(memory === undefined ? {} : { memory: sizeText(memory) }),
    ...(disk === undefined ? {} : { disk: sizeText(disk) }),
    disks: draft.disks.map(one => ({ ...one, size: sizeText(one.size) })),
    networks: draft.networks.map(one => without(one, NIC)),
  }
  const { source, name } = draft
  const usual = CreateDraft.parse({ source, name })
  const defaults = {
    ...usual,
    source: undefined,
    name: undefined,
    networks: usual.networks.map(one => without(one, NIC)),
  }
  return stringify(without(plain, defaults), { lineWidth: 0, aliasDuplicateObjects: false })
}
