/** Everything about a new machine that a person left open is decided here; nothing is looked up and nothing is done. */
import { join } from 'node:path'
import { RemoteError, type CreateDraft, type PlannedFile } from '../../contract/index.ts'
import type { GuestFamily, SeedDraft } from '../../cloud-init/index.ts'
import type { DiskSpec, Firmware, MachineSpec, NewVolume } from '../../hypervisor/creation.ts'
import { decideNics, type DecidedNic, type LedPort } from './decide-nics.ts'
import type { Source } from './source.ts'
import type { Surroundings } from './surroundings.ts'
import { installerFor, unattendedOf, type Unattended } from './unattended.ts'

const GIBIBYTE = 2 ** 30
const USUAL_DISK = 20 * GIBIBYTE
const USUAL_MEMORY = 2 * GIBIBYTE
const USUAL_CPUS = 2
/** What is written before the guest writes anything: headers of images, the seed. */
const SMALL_CHANGE = 8 * 2 ** 20

/** What only chance decides; tests bring their own. */
export interface Chance {
  readonly uuid: string
  readonly screenPassword: string
  readonly mac: () => string
}

export interface Install extends Unattended {
  /** Volumes that are there while it is installed. */
  readonly volumes: { readonly kernel: string; readonly ramdisk: string }
}

export interface Decided {
  readonly spec: MachineSpec
  readonly hostname: string
  readonly seed: SeedDraft | null
  readonly disks: readonly NewVolume[]
  readonly seedVolume: string | null
  /** The installer that is answered; null: it asks, or there is none. */
  readonly install: Install | null
  /** Ports of this computer that lead into it by Vireo. */
  readonly led: readonly LedPort[]
  readonly files: readonly PlannedFile[]
  readonly warnings: readonly string[]
}

const wrong = (message: string, hint?: string): RemoteError =>
  new RemoteError({ kind: 'invalid-input', message, ...(hint === undefined ? {} : { hint }) })

const gib = (bytes: number): string => `${Math.ceil((bytes / GIBIBYTE) * 10) / 10} GiB`

const firmwareOf = (draft: CreateDraft, { source, host }: Surroundings): Firmware => {
  if (draft.firmware !== 'auto') return draft.firmware
  if (host.arch !== 'x86_64') return 'uefi'
  if (source.kind === 'image') return source.firmware === 'uefi' ? 'uefi' : 'bios'
  return draft.desktop && host.uefi ? 'uefi' : 'bios'
}

const systemBytes = (draft: CreateDraft, { source }: Surroundings): number => {
  const least = source.kind === 'image' ? source.bytes : 0
  if (draft.disk !== undefined && draft.disk < least)
    throw wrong(
      `The disk must be at least as large as its image, ${gib(least)}.`,
      'Give a larger size, or leave it out.',
    )
  return draft.disk ?? Math.max(least, enough(source, 'diskBytes', USUAL_DISK))
}

/** What is usual, unless its catalogue or database knows better. Some recommend less than they demand. */
const enough = ({ wishes }: Source, what: 'cpus' | 'memoryBytes' | 'diskBytes', usual: number): number =>
  Math.max(wishes?.recommended[what] ?? usual, wishes?.minimum[what] ?? 0)

/** What a system gets less of than it is said to need. */
const tooSmall = ({ wishes }: Source, memoryBytes: number, diskBytes: number): string[] => {
  if (wishes === null) return []
  const { name, minimum } = wishes
  const lacks = (has: number, wants: number | null, of: string) =>
    wants !== null && has < wants ? [`${name} needs at least ${gib(wants)} of ${of}.`] : []
  return [...lacks(memoryBytes, minimum.memoryBytes, 'memory'), ...lacks(diskBytes, minimum.diskBytes, 'disk')]
}

const familyOf = (osId: string | null): GuestFamily => {
  if (osId?.includes('freebsd')) return 'freebsd'
  return osId?.includes('alpinelinux') ? 'alpine' : 'linux'
}

/** Each name holds part of the machine's UUID, so that whoever undoes this can never hit somebody else's. */
const volumesOf = (draft: CreateDraft, { uuid }: Chance, around: Surroundings): NewVolume[] => {
  const { source, pool, copy } = around
  const name = (part: string) => `${draft.name}-${uuid.slice(0, 8)}${part}`
  const path = copy ? join(pool.path, copy.name) : source.path
  const base = source.kind === 'image' ? { path, format: source.format } : null
  return [
    { pool: pool.name, name: name('.qcow2'), format: 'qcow2', capacityBytes: systemBytes(draft, around), base },
    ...draft.disks.map((disk, index): NewVolume => ({
      pool: pool.name,
      name: name(`-${index + 2}.qcow2`),
      format: 'qcow2',
      capacityBytes: disk.size,
    })),
  ]
}

/** Null where nobody is told anything. */
export const seedOf = (
  draft: CreateDraft,
  { source, host, agentThere }: Pick<Surroundings, 'source' | 'host' | 'agentThere'>,
  nics: readonly Pick<DecidedNic, 'seed'>[],
  { uuid }: Pick<Chance, 'uuid'>,
): SeedDraft | null => {
  const installer = installerFor(draft, source)
  if (!draft.cloudInit || (source.kind === 'iso' && installer === null)) return null
  const family = familyOf(source.osId)
  const usual = source.kind === 'iso' ? installer : source.defaultUser
  const user = draft.user === undefined ? (usual ?? 'user') : draft.user
  const agents = source.kind === 'iso' ? [] : source.agents
  const wantsVireo = draft.vireoAgent ?? (agentThere && host.arch === 'x86_64' && family !== 'freebsd')
  return {
    instanceId: `vireo-${uuid}`,
    hostname: draft.hostname ?? draft.name.replaceAll(/[._+]/g, '-').slice(0, 63).replace(/-+$/, ''),
    user: user === null ? null : { name: user, passwordHash: draft.passwordHash ?? null, sshKeys: draft.sshKeys },
    ...{ family, packages: draft.packages, commands: draft.runcmd },
    // What the image brings need not be installed, which wants a package mirror that can be reached.
    qemuAgent: draft.qemuAgent && !agents.includes('qemu-ga'),
    vireoAgent: wantsVireo && !agents.includes('vireo'),
    nics: nics.map(({ seed }) => seed),
    userData: draft.userData ?? null,
  }
}

const filesOf = (around: Surroundings, disks: readonly NewVolume[], seedVolume: string | null): PlannedFile[] => {
  const { source, pool, copy } = around
  const iso = source.kind === 'iso'
  const bytes = source.bytes
  const inPool = (name: string) => ({ pool: pool.name, path: join(pool.path, name), made: true })
  return [
    copy
      ? { kind: iso ? ('iso' as const) : ('base-copy' as const), ...inPool(copy.name), bytes, base: null }
      : {
          kind: iso ? ('iso' as const) : ('base' as const),
          pool: null,
          path: source.path,
          bytes,
          made: source.pending !== undefined,
          base: null,
        },
    ...disks.map(({ name, capacityBytes, base }) => ({
      ...{ kind: 'disk' as const, ...inPool(name), bytes: capacityBytes },
      base: base?.path ?? null,
    })),
    ...(seedVolume === null ? [] : [{ kind: 'seed' as const, ...inPool(seedVolume), bytes: 0, base: null }]),
  ]
}

const warningsOf = (
  draft: CreateDraft,
  around: Surroundings,
  decided: Pick<Decided, 'spec' | 'seed' | 'disks'>,
): string[] => {
  const { host, pool, source } = around
  const { spec, seed, disks } = decided
  const total = disks.reduce((sum, { capacityBytes }) => sum + capacityBytes, 0)
  const closed =
    seed?.user && seed.user.sshKeys.length === 0 && seed.user.passwordHash === null && draft.userData === undefined
  const lacksSeed =
    source.kind === 'iso' &&
    seed === null &&
    (draft.packages.length > 0 || draft.runcmd.length > 0 || draft.userData !== undefined)
  const told: readonly (readonly [boolean, string])[] = [
    [
      source.pending !== undefined,
      `The image is not here yet. ${source.pending} Its name and its size are not known before.`,
    ],
    [host.kvm && !around.kvmWorks, 'KVM is there but does not work, so the machine will be emulated, which is slow.'],
    [!host.kvm, 'This host has no KVM, so the machine will be emulated, which is slow.'],
    [Boolean(closed), 'Nobody will be able to log in: there is neither an SSH key nor a password.'],
    [
      seed !== null && seed.user === null && draft.userData === undefined,
      'No user is made, so perhaps nobody will be able to log in.',
    ],
    [
      draft.unattended,
      'The installer fetches packages, so the machine must reach a mirror; it is made when that is done, which takes minutes.',
    ],
    [lacksSeed, 'An installation medium is not told of packages, commands and user-data.'],
    [
      spec.memoryBytes > host.memoryBytes,
      `The machine has more memory than the host, which has ${gib(host.memoryBytes)}.`,
    ],
    [spec.cpus > host.cpus, `The machine has more processors than the host, which has ${host.cpus}.`],
    [
      total > pool.availableBytes,
      `When its disks fill up, “${pool.name}” will be full: ${gib(pool.availableBytes)} are free there.`,
    ],
    [
      spec.firmware !== 'bios',
      'Its firmware’s variables are a raw file: snapshots with memory are not possible while it runs.',
    ],
    [
      draft.desktop && !host.vdagent,
      'The clipboard is not shared: on this host that would keep the machine from being saved.',
    ],
  ]
  const small = tooSmall(source, spec.memoryBytes, disks[0]?.capacityBytes ?? 0)
  return [...told.flatMap(([so, text]) => (so ? [text] : [])), ...small]
}

/** Throws `invalid-input` and `precondition`. */
export const decide = (draft: CreateDraft, around: Surroundings, chance: Chance): Decided => {
  const { source, pool, copy, host } = around
  const disks = volumesOf(draft, chance, around)
  const nics = decideNics(draft.networks, host, chance.mac)
  const seed = seedOf(draft, around, nics, chance)
  if (pool.availableBytes < (copy?.bytes ?? 0) + SMALL_CHANGE)
    throw new RemoteError({
      kind: 'precondition',
      message: `There is no room in “${pool.name}”: ${gib((copy?.bytes ?? 0) + SMALL_CHANGE)} are needed, ${gib(pool.availableBytes)} are free.`,
      hint: 'Make room there, or choose another storage pool.',
    })
  const own = (part: string) => `${draft.name}-${chance.uuid.slice(0, 8)}-${part}`
  const seedVolume = seed === null ? null : own('seed.iso')
  const accelerated = draft.accelerator === 'auto' ? around.kvmWorks : draft.accelerator === 'kvm'
  const unattended = unattendedOf(draft, source, seed, !accelerated && host.arch === 'x86_64')
  const install = unattended && { ...unattended, volumes: { kernel: own('kernel'), ramdisk: own('ramdisk') } }
  const diskSpecs = disks.map(({ name, base }, index): DiskSpec => ({
    ...{ path: join(pool.path, name), format: 'qcow2', discard: draft.discard, direct: around.direct },
    ...{ bus: draft.disks[index - 1]?.bus ?? draft.bus, base: base ?? null },
  }))
  const spec: MachineSpec = {
    ...{ name: draft.name, uuid: chance.uuid, notes: draft.notes, tags: draft.tags, osId: source.osId },
    cpus: draft.cpus ?? Math.max(1, Math.min(enough(source, 'cpus', USUAL_CPUS), around.host.cpus)),
    memoryBytes: draft.memory ?? enough(source, 'memoryBytes', USUAL_MEMORY),
    ...{ accelerated, firmware: firmwareOf(draft, around), tpm: draft.tpm, desktop: draft.desktop, disks: diskSpecs },
    seed: seedVolume === null ? null : join(pool.path, seedVolume),
    iso: source.kind === 'iso' ? (copy ? join(pool.path, copy.name) : source.path) : null,
    nics: nics.map(({ card }) => card),
    screenPassword: chance.screenPassword,
  }
  const files = filesOf(around, disks, seedVolume)
  const warnings = [...warningsOf(draft, around, { spec, seed, disks }), ...nics.flatMap(nic => nic.warnings)]
  const hostname = seed?.hostname ?? draft.hostname ?? draft.name
  return { spec, hostname, seed, disks, seedVolume, install, files, warnings, led: nics.flatMap(({ led }) => led) }
}
