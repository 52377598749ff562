import { randomBytes, randomUUID } from 'node:crypto'
import { homedir } from 'node:os'
import type { Duplex } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import {
  domainId,
  RemoteError,
  splitDomainId,
  type ConnectionUri,
  type CreateDraft,
  type CreateOptions,
  type DomainId,
  type VireoHandlers,
} from '../../contract/index.ts'
import { findPublicKeys, parsePublicKey, type SeedFile } from '../../cloud-init/index.ts'
import { createLog } from '../../base/log.ts'
import type { Creation } from '../../hypervisor/creation.ts'
import type { HypervisorConnection, Operation } from '../../hypervisor/driver.ts'
import { newScreenPassword } from '../../hypervisor/screen-password.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { Context } from '../context.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import type { BootDesk } from './boot-desk.ts'
import { expectationOf } from './boot-expectation.ts'
import type { BootExpectation } from './first-boot.ts'
import { folderPlace } from './folder-place.ts'
import { decide, type Chance, type Decided } from './decide.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { checkPorts, leadPorts, type PortDesk } from './lead-ports.ts'
import { makeMachine } from './make.ts'
import { COPY_PREFIX } from './placement.ts'
import { planOf } from './plan.ts'
import { withCheck } from './answers-checked.ts'
import { seedPreview } from './seed-preview.ts'
import type { ImageHold, ResolveSource } from './source.ts'
import { kvmUsable, lookAround, type Lookup, type Surroundings } from './surroundings.ts'
import { undoable } from './undo-stack.ts'

const log = createLog('create')

export interface CreateRoom {
  readonly connections: ConnectionSet
  readonly tasks: TaskRegistry
  readonly journal: Journal
  readonly resolve: ResolveSource
  readonly hold: ImageHold
  /** Of this computer, by experiment; null where nobody could try. */
  readonly probeKvm: Lookup['probeKvm']
  readonly boots: BootDesk
  /** Notes as whom a new machine is reached over SSH, and where. */
  readonly noteAccess: (
    id: DomainId,
    access: { user: string | null; host: string | null; port: number },
  ) => Promise<void>
  /** The Vireo agent as it lies on a seed. Rejects with `not-found` where it was not built. */
  readonly agentFiles: () => Promise<readonly SeedFile[]>
  /** Leads ports of this computer into machines. */
  readonly ports: PortDesk
}

type Room = VireoHandlers<Context, Duplex>['create']

interface Wanted {
  readonly connection: ConnectionUri
  readonly draft: CreateDraft
}

const PROBE_PATIENCE_MS = 500

const freshMac = (): string => ['52', '54', '00', ...(randomBytes(3).toString('hex').match(/../g) ?? [])].join(':')
const chance = (): Chance => ({ uuid: randomUUID(), screenPassword: newScreenPassword(), mac: freshMac })

const checkKeys = ({ sshKeys }: CreateDraft): void => {
  const bad = sshKeys.find(key => parsePublicKey(key) === undefined)
  if (bad === undefined) return
  const message = `This is no public SSH key: ${bad.slice(0, 60)}`
  throw new RemoteError({ kind: 'invalid-input', message, hint: 'Give the line of a .pub file.' })
}

/** The connection, ready to change things. */
const makerOf = async (
  { connections }: CreateRoom,
  uri: ConnectionUri,
  signal: AbortSignal,
): Promise<{ connection: HypervisorConnection; creation: Creation }> => {
  const connection = connections.get(uri)
  await connections.settled(connection, signal)
  const { creation, status } = connection
  if (status.state !== 'ready' && status.error) throw new RemoteError(status.error)
  if (creation && status.kind === 'kvm') return { connection, creation }
  throw new RemoteError({ kind: 'unsupported', message: `Machines cannot be made on ${uri} by Vireo.` })
}

/** `except`: what is left of it is about to go. */
const mustBeFree = async (
  { journal }: CreateRoom,
  connection: HypervisorConnection,
  name: string,
  except?: string,
): Promise<void> => {
  const there = [...connection.domains.values()].some(one => one.name === name)
  const conflict = (message: string, hint: string) => new RemoteError({ kind: 'precondition', message, hint })
  if (there) throw conflict(`There is a machine “${name}” already.`, 'Choose another name.')
  const half = (await journal.entries()).find(
    one => one.name === name && one.connection === connection.uri && one.uuid !== except,
  )
  if (half?.alive) throw conflict(`A machine “${name}” is being made at this moment.`, 'Choose another name.')
  if (half)
    throw conflict(
      `A machine “${name}” was half made when Vireo was ended.`,
      'Finish it, or remove what is left of it first.',
    )
}

const lookupOf = (room: CreateRoom, creation: Creation, change: boolean) => ({
  ...{ creation, change, resolve: room.resolve, probeKvm: room.probeKvm },
  agentThere: () =>
    room.agentFiles().then(
      () => true,
      () => false,
    ),
})

const asked = (signal: AbortSignal): Operation => ({ signal, progress: () => undefined })

const planning = async (room: CreateRoom, { connection: uri, draft }: Wanted, signal: AbortSignal) => {
  checkKeys(draft)
  const { connection, creation } = await makerOf(room, uri, signal)
  await mustBeFree(room, connection, draft.name)
  const around = await lookAround(draft, lookupOf(room, creation, false), asked(signal))
  const decided = decide(draft, around, chance())
  await checkPorts(room.ports, decided.led)
  return withCheck(planOf(creation, around, decided, { draft, uri }), decided, signal)
}

const previewing = async (room: CreateRoom, { connection: uri, draft }: Wanted, signal: AbortSignal) => {
  checkKeys(draft)
  const { creation } = await makerOf(room, uri, signal)
  const { resolve } = room
  const [host, agentThere] = await Promise.all([creation.host(), lookupOf(room, creation, false).agentThere()])
  return seedPreview(draft, { host, resolve, agentThere, mac: freshMac }, asked(signal))
}

const SSH_PORT = 22

/** From here on the machine is made: that a note could not be written is no reason to take it away. */
const expectBoot = async ({ boots, noteAccess }: CreateRoom, id: DomainId, expected: BootExpectation) => {
  boots.expect(id, expected)
  const { user, forward } = expected
  const access = { user, host: forward?.host ?? null, port: forward?.port ?? SSH_PORT }
  await noteAccess(id, access).catch((error: unknown) => log.warn('its SSH access is not noted', { id, error }))
}

/** All that is made for it, before any of it is. */
const entryOf = ({ connection, draft }: Wanted, around: Surroundings, decided: Decided) => {
  const { pool } = around
  const { spec, disks, seedVolume, install } = decided
  const volumes = [
    ...disks.map(disk => ({ pool: disk.pool, name: disk.name })),
    ...[seedVolume, install?.volumes.kernel, install?.volumes.ramdisk].flatMap(name =>
      name ? [{ pool: pool.name, name }] : [],
    ),
  ]
  const copy = around.copy && { pool: pool.name, ...around.copy }
  const folderPool = pool.forFolder === 'new' ? { name: pool.name, path: pool.path } : null
  const { uuid, name } = spec
  return { uuid, name, connection, volumes, copy, folderPool, draft, startedAt: Date.now() }
}

interface Work {
  readonly room: CreateRoom
  /** Copies under way in this process. */
  readonly copies: Map<string, Promise<void>>
  readonly wanted: Wanted
  readonly maker: { readonly connection: HypervisorConnection; readonly creation: Creation }
  readonly luck: Chance
  /** What is left of it goes first. */
  readonly half: JournalEntry | null
}

const work = async ({ room, copies, wanted, maker, luck, half }: Work, operation: Operation): Promise<void> => {
  const { connection, creation } = maker
  const { draft } = wanted
  if (half) await clearHalf(room, creation, half, operation)
  const around = await lookAround(draft, lookupOf(room, creation, true), operation)
  const decided = decide(draft, around, luck)
  const { spec, led } = decided
  const { agentFiles, hold, journal, ports } = room
  await checkPorts(ports, led)
  const { start, autostart } = draft
  const { uuid } = spec
  const entry = entryOf(wanted, around, decided)
  const dropFolderPool = () => dropPool(room, creation, entry)
  const reminder = {
    begin: () => journal.write(entry),
    forget: () => journal.forget(uuid),
    leave: () => journal.leave(entry),
  }
  const { forget: defined } = reminder
  await journal.write(entry)
  if (half) await journal.forget(half.uuid)
  const settings = { start, autostart, copies, defined, dropFolderPool }
  const parts = { connection, creation, around, decided, agentFiles, hold, ...settings }
  const id = domainId(uuid, connection.uri)
  await undoable(async undo => {
    await makeMachine({ ...parts, undo }, operation)
    await leadPorts(ports, id, led, undo, operation)
  }, reminder)
  await expectBoot(room, id, expectationOf(around, decided))
}

const running = (room: CreateRoom) => {
  const copies = new Map<string, Promise<void>>()
  /** Names that are being made by this process; the journal knows those of others a moment later. */
  const reserved = new Set<string>()
  return async (wanted: Wanted, signal: AbortSignal, half: JournalEntry | null = null) => {
    checkKeys(wanted.draft)
    const maker = await makerOf(room, wanted.connection, signal)
    const { name } = wanted.draft
    const key = `${wanted.connection}\n${name}`
    if (reserved.has(key))
      throw new RemoteError({
        kind: 'precondition',
        message: `A machine “${name}” is being made at this moment.`,
        hint: 'Choose another name.',
      })
    reserved.add(key)
    try {
      await mustBeFree(room, maker.connection, name, half?.uuid)
      const luck = chance()
      const id = domainId(luck.uuid, wanted.connection)
      const call = half ? 'finish' : 'run'
      const spec = { room: 'create', name: call, title: 'Create', target: id, targetName: name, overrides: false }
      const ref = room.tasks.start(spec, async operation => {
        try {
          await work({ room, copies, wanted, maker, luck, half }, operation)
        } finally {
          reserved.delete(key)
        }
      })
      return { ...ref, id }
    } catch (error) {
      reserved.delete(key)
      throw error
    }
  }
}

/** Throws `not-found`, and `precondition` where it is not half made or still at it. */
const halfOf = async (room: CreateRoom, id: DomainId, signal: AbortSignal) => {
  const { key } = splitDomainId(id)
  const entry = (await room.journal.entries()).find(one => domainId(one.uuid, one.connection) === id)
  if (!entry) throw new RemoteError({ kind: 'not-found', message: `No half-made machine is known by ${key}.` })
  if (entry.alive)
    throw new RemoteError({
      kind: 'precondition',
      message: `“${entry.name}” is being made at this moment.`,
      hint: 'Cancel that instead.',
    })
  const { creation } = await makerOf(room, entry.connection, signal)
  if (await creation.isDefined(entry.uuid)) {
    // Everything that was noted belongs to a machine now, and goes with it.
    await room.journal.forget(entry.uuid)
    throw new RemoteError({
      kind: 'precondition',
      message: `“${entry.name}” is no half-made machine: it was made to its end.`,
      hint: 'Delete it like any other machine.',
    })
  }
  return { entry, creation }
}

const clearHalf = async (room: CreateRoom, creation: Creation, entry: JournalEntry, { progress }: Operation) => {
  for (const { pool, name } of entry.volumes) {
    progress(`Removing ${name}`)
    await creation.removeVolume(pool, name)
  }
  if (entry.copy) await removePartial(creation, entry.copy)
  await dropPool(room, creation, entry)
}

const discarding = async (room: CreateRoom, id: DomainId, signal: AbortSignal) => {
  const { entry, creation } = await halfOf(room, id, signal)
  const target = { target: id, targetName: entry.name }
  const spec = { room: 'create', name: 'discard', title: 'Remove', ...target, overrides: false }
  return room.tasks.start(spec, async operation => {
    await clearHalf(room, creation, entry, operation)
    await room.journal.forget(entry.uuid)
  })
}

const finishing = async (room: CreateRoom, run: ReturnType<typeof running>, id: DomainId, signal: AbortSignal) => {
  const { entry } = await halfOf(room, id, signal)
  const { connection, draft, name } = entry
  if (draft) return run({ connection, draft }, signal, entry)
  const message = `Nobody noted what “${name}” was to be.`
  throw new RemoteError({ kind: 'precondition', message, hint: 'Remove what is left of it, and make it anew.' })
}

/** Whoever else is making, or has half made, a machine in that folder needs its pool. */
const dropPool = async (
  { journal }: CreateRoom,
  creation: Creation,
  { uuid, folderPool, connection }: Pick<JournalEntry, 'uuid' | 'folderPool' | 'connection'>,
): Promise<void> => {
  if (folderPool === null) return
  const others = (await journal.entries()).filter(one => one.uuid !== uuid && one.connection === connection)
  // A copy of an image that others may use lies there.
  if ((await creation.volumesNamed(COPY_PREFIX)).some(({ pool }) => pool === folderPool.name)) return
  if (others.some(({ volumes }) => volumes.some(({ pool }) => pool === folderPool.name))) return
  await creation.removeFolderPool(folderPool.name, folderPool.path)
}

/** A whole copy is kept for the next machine. */
const removePartial = async (
  creation: Creation,
  { pool, name, bytes }: { pool: string; name: string; bytes: number },
) => {
  const copy = await creation.volume(pool, name)
  if (copy && copy.physicalBytes < bytes) await creation.removeUnused(pool, name)
}

const possible = async (room: CreateRoom, uri: ConnectionUri, signal: AbortSignal): Promise<CreateOptions> => {
  const { creation } = await makerOf(room, uri, signal)
  const [host, pools] = await Promise.all([creation.host(), creation.pools()])
  // A first try takes its time, and what is free is wanted now.
  const tried = kvmUsable(host, room.probeKvm)
  const accelerated = await Promise.race([tried, wait(PROBE_PATIENCE_MS, null, { ref: false })])
  const firmwares = [
    ...(host.arch === 'x86_64' ? (['bios'] as const) : []),
    ...(host.uefi ? (['uefi'] as const) : []),
    ...(host.secureBoot ? (['secure-boot'] as const) : []),
  ]
  const { cpus, memoryBytes, availableMemoryBytes = null, maxCpus, tpm, local } = host
  return {
    ...{ cpus, memoryBytes, availableMemoryBytes, maxCpus, accelerated, firmwares, tpm, local },
    portForwards: host.passt,
    networks: host.networks.map(({ name, active, subnets = [] }) => ({ name, active, subnets: [...subnets] })),
    pools: pools.filter(({ folder }) => folder).map(({ folder: _folder, ...pool }) => pool),
  }
}

const lookingAt = async (
  room: CreateRoom,
  { connection, path: wanted }: { connection: ConnectionUri; path: string },
  signal: AbortSignal,
) => {
  const { creation } = await makerOf(room, connection, signal)
  const { path, availableBytes } = await folderPlace(creation, wanted, await creation.host())
  return { path, availableBytes }
}

export const createHandlers = (room: CreateRoom): Room => {
  const run = running(room)
  return {
    plan: (wanted, { signal }) => planning(room, wanted, signal),
    run: (wanted, { signal }) => run(wanted, signal),
    seed: (wanted, { signal }) => previewing(room, wanted, signal),
    options: ({ connection }, { signal }) => possible(room, connection, signal),
    folder: (wanted, { signal }) => lookingAt(room, wanted, signal),
    firstBoot: async ({ id }) => room.boots.begin(id),
    bootState: async ({ id }) => room.boots.state(id),
    sshKeys: () => findPublicKeys(homedir()),
    unfinished: async () =>
      (await room.journal.entries())
        .filter(({ alive }) => !alive)
        .map(({ uuid, name, connection, startedAt, draft }) => ({
          id: domainId(uuid, connection),
          name,
          connection,
          startedAt,
          finishable: draft !== null,
        })),
    finish: ({ id }, { signal }) => finishing(room, run, id, signal),
    discard: ({ id }, { signal }) => discarding(room, id, signal),
  }
}
