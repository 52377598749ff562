/** What somebody fills in for a new machine, and what becomes of it; pure. */
import type { CatalogueImage, ConnectionUri, CreateDraftInput, NicType } from '@vireo/app-main/contract'

export const STEPS = ['source', 'identity', 'resources', 'disks', 'network', 'options', 'review'] as const
export type Step = (typeof STEPS)[number]

/** How a system is had; `any`: as it can be reached first. */
export type Way = CatalogueImage['ways'][number] | 'any'

/** What a machine starts from. */
export type Source =
  | { readonly kind: 'system'; readonly id: string; readonly way: Way }
  | { readonly kind: 'cached'; readonly sha256: string }
  /** A path of the computer that Vireo runs on, or an address. */
  | { readonly kind: 'own'; readonly place: string }

export type Bus = 'virtio' | 'scsi' | 'sata'

export interface MoreDisk {
  /** Tells it from the others while it is changed. */
  readonly key: number
  readonly size: string
  readonly bus: Bus
}

export interface Nic {
  readonly key: number
  readonly type: NicType
  readonly source: string
  readonly mac: string
  readonly address: string
  readonly gateway: string
  readonly nameServers: string
  /** `2222:22, 5353:53/udp` */
  readonly forwards: string
}

/** Texts are as typed; empty ones leave the matter to Vireo. */
export interface Draft {
  readonly connection: ConnectionUri | null
  readonly source: Source | null
  readonly name: string
  readonly hostname: string
  readonly withUser: boolean
  readonly user: string
  /** Of the keys that were found those that are not wanted. */
  readonly keysLeftOut: readonly string[]
  readonly ownKeys: string
  readonly passwordHash: string | null
  /** What was typed twice is not the same. */
  readonly passwordDiffers: boolean
  readonly cpus: string
  readonly memory: string
  readonly accelerator: 'auto' | 'kvm' | 'emulation'
  readonly disk: string
  readonly bus: Bus
  readonly discard: boolean
  readonly disks: readonly MoreDisk[]
  readonly pool: string
  /** They lie in `folder`, and in no pool that is chosen. */
  readonly inFolder: boolean
  readonly folder: string
  readonly nics: readonly Nic[]
  readonly firmware: 'auto' | 'bios' | 'uefi' | 'secure-boot'
  readonly tpm: boolean
  readonly desktop: boolean
  readonly cloudInit: boolean
  /** The installer of an installation medium is answered. */
  readonly unattended: boolean
  readonly packages: string
  readonly commands: string
  readonly userData: string
  readonly qemuAgent: boolean
  readonly vireoAgent: 'auto' | 'yes' | 'no'
  readonly autostart: boolean
  readonly start: boolean
  readonly tags: string
  readonly notes: string
}

export const emptyNic = (key: number): Nic => ({
  ...{ key, type: 'auto', source: '', mac: '', address: '', gateway: '', nameServers: '', forwards: '' },
})

export const emptyDraft: Draft = {
  ...{ connection: null, source: null, name: '', hostname: '', withUser: true, user: '', keysLeftOut: [] },
  ...{ ownKeys: '', passwordHash: null, passwordDiffers: false, cpus: '', memory: '', accelerator: 'auto' },
  ...{ disk: '', bus: 'virtio', discard: true, disks: [], pool: '', inFolder: false, folder: '' },
  ...{ nics: [emptyNic(0)], firmware: 'auto' },
  ...{
    tpm: false,
    desktop: false,
    cloudInit: true,
    unattended: false,
    packages: '',
    commands: '',
    userData: '',
    qemuAgent: true,
  },
  ...{ vireoAgent: 'auto', autostart: false, start: true, tags: '', notes: '' },
}

/** What the service calls it. */
export const sourceWords = (source: Source): string => {
  switch (source.kind) {
    case 'cached':
      return source.sha256
    case 'own':
      return source.place.trim()
    case 'system':
      return {
        any: source.id,
        image: `image:${source.id}`,
        iso: `${source.id}:iso`,
        build: `build:${source.id}`,
      }[source.way]
  }
}

/** The ways to have a system, the one that is taken unless another is chosen first. */
export const waysOf = ({ ways }: Pick<CatalogueImage, 'ways'>): readonly Way[] => [
  ...(ways.includes('image') && ways.includes('build') ? (['any'] as const) : []),
  ...(['image', 'build', 'iso'] as const).filter(way => ways.includes(way)),
]

export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')

/** Words with spaces or commas between. */
export const wordsOf = (text: string): string[] => text.split(/[\s,]+/).filter(word => word !== '')

const given = <Name extends string>(name: Name, text: string): { [K in Name]?: string } =>
  // A computed name is a mere string to the compiler.
  (text.trim() === '' ? {} : { [name]: text.trim() }) as { [K in Name]?: string }

/** Undefined for what is none. */
export const parseForward = (text: string) => {
  const match = /^(\d{1,5}):(\d{1,5})(?:\/(tcp|udp))?$/.exec(text)
  const [host, guest] = [Number(match?.[1]), Number(match?.[2])]
  if (!match || host < 1 || guest < 1 || host > 65_535 || guest > 65_535) return undefined
  return { host, guest, protocol: match[3] === 'udp' ? ('udp' as const) : ('tcp' as const) }
}

/** Which fields a network card of that kind has. */
export const nicHas = (type: NicType) => ({
  source: type === 'network' || type === 'bridge' || type === 'macvtap',
  // There a machine is a computer of its own, which needs no other one's ports.
  forwards: type !== 'bridge' && type !== 'macvtap',
})

const nicInput = (nic: Nic) => {
  const has = nicHas(nic.type)
  return {
    type: nic.type,
    ...(has.source ? given('source', nic.source) : {}),
    ...given('mac', nic.mac),
    ...given('address', nic.address),
    // One without the other is no setting; it may be left from before.
    ...(nic.address.trim() === '' ? {} : given('gateway', nic.gateway)),
    nameServers: wordsOf(nic.nameServers),
    forwards: has.forwards ? wordsOf(nic.forwards).flatMap(text => parseForward(text) ?? []) : [],
  }
}

/** The keys that the machine lets in. */
export const chosenKeys = (draft: Draft, found: readonly string[]): string[] => [
  ...found.filter(line => !draft.keysLeftOut.includes(line)),
  ...linesOf(draft.ownKeys),
]

const loginInput = (draft: Draft, foundKeys: readonly string[]) => {
  // Nobody is told anything.
  if (!draft.cloudInit) return { cloudInit: false }
  if (!draft.withUser) return { user: null }
  const { passwordHash } = draft
  return {
    ...given('user', draft.user),
    ...(passwordHash === null ? {} : { passwordHash }),
    sshKeys: chosenKeys(draft, foundKeys),
  }
}

const seedInput = ({ cloudInit, packages, commands, userData, qemuAgent, vireoAgent }: Draft) =>
  cloudInit
    ? {
        ...{ packages: wordsOf(packages), runcmd: linesOf(commands), qemuAgent },
        ...(userData.trim() === '' ? {} : { userData }),
        ...(vireoAgent === 'auto' ? {} : { vireoAgent: vireoAgent === 'yes' }),
      }
    : {}

/** What the contract takes; `foundKeys` are offered to the person and taken unless left out. */
export const inputOf = (draft: Draft, foundKeys: readonly string[]): CreateDraftInput => {
  const { bus, discard, firmware, tpm, desktop, accelerator, autostart, start, notes } = draft
  return {
    source: draft.source === null ? '' : sourceWords(draft.source),
    name: draft.name.trim(),
    ...given('hostname', draft.hostname),
    ...loginInput(draft, foundKeys),
    ...(draft.cpus.trim() === '' ? {} : { cpus: Number(draft.cpus) }),
    ...given('memory', draft.memory),
    ...given('disk', draft.disk),
    ...{ bus, discard, accelerator, firmware, tpm, desktop, autostart, start, notes },
    disks: draft.disks.map(({ size, bus: on }) => ({ size: size.trim(), bus: on })),
    ...(draft.inFolder ? given('folder', draft.folder) : given('pool', draft.pool)),
    networks: draft.nics.map(nicInput),
    ...seedInput(draft),
    ...(draft.unattended ? { unattended: true } : {}),
    tags: wordsOf(draft.tags),
  }
}

/** Only what cloud-init is told, without what is wrong: user-data can be read before the rest is right. */
export const seedOnly = (draft: Draft, faulty: ReadonlySet<string>): Draft => {
  const { source, passwordHash, withUser, cloudInit, unattended, packages, commands, userData, qemuAgent, vireoAgent } =
    draft
  const fine = (field: 'name' | 'hostname' | 'user' | 'ownKeys', otherwise = ''): string =>
    faulty.has(field) ? otherwise : draft[field]
  return {
    ...emptyDraft,
    ...{ passwordHash, withUser, cloudInit, unattended, packages, commands, userData, qemuAgent, vireoAgent, nics: [] },
    source: source === null || faulty.has('source') ? { kind: 'own', place: 'unknown' } : source,
    ...{ name: fine('name', 'machine'), hostname: fine('hostname'), user: fine('user'), ownKeys: fine('ownKeys') },
    keysLeftOut: draft.keysLeftOut,
  }
}
