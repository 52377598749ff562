/** The steps that make a machine, each with its way back. */
import { createReadStream } from 'node:fs'
import { RemoteError } from '../../contract/index.ts'
import { seedDocuments, seedImage, type SeedFile } from '../../cloud-init/index.ts'
import type { Creation } from '../../hypervisor/creation.ts'
import type { HypervisorConnection, Operation } from '../../hypervisor/driver.ts'
import type { Decided } from './decide.ts'
import type { ImageHold } from './source.ts'
import type { Surroundings } from './surroundings.ts'
import type { UndoStack } from './undo-stack.ts'

export interface Making {
  readonly connection: Pick<HypervisorConnection, 'uri'> & {
    readonly definition: Pick<HypervisorConnection['definition'], 'define'>
    readonly lifecycle: Pick<HypervisorConnection['lifecycle'], 'start' | 'autostart'>
  }
  readonly creation: Pick<Creation, 'xml' | 'volume' | 'createVolume' | 'upload' | 'removeVolume' | 'discard'>
  readonly around: Surroundings
  readonly decided: Decided
  readonly agentFiles: () => Promise<readonly SeedFile[]>
  readonly hold: ImageHold
  readonly start: boolean
  readonly autostart: boolean
  readonly undo: UndoStack
  /** The machine is there: what is left of a Vireo that is killed from now on is no half-made one. */
  readonly defined: () => Promise<void>
  /** Copies under way in this process: two machines on one image wait for one copy. */
  readonly copies: Map<string, Promise<void>>
}

/** Undoing has no hurry and is not cancelled. */
const calm: Operation = { signal: new AbortController().signal, progress: () => undefined }

const counted = async function* (path: string, total: number, { progress }: Operation, step: string) {
  let done = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const bytes: Uint8Array = chunk
    done += bytes.length
    progress(step, total > 0 ? done / total : 1)
    yield bytes
  }
}

/** A whole copy stays, whatever becomes of this machine: another one may be using it in this moment. */
const copyBase = async ({ creation, around }: Making, operation: Operation): Promise<void> => {
  const { source, pool, copy } = around
  if (!copy) return
  const there = await creation.volume(pool.name, copy.name)
  if (there && there.physicalBytes >= copy.bytes) return
  if (there)
    throw new RemoteError({
      kind: 'precondition',
      message: `“${copy.name}” in “${pool.name}” is only partly there: its copy is under way, or was interrupted.`,
      hint: `If no other Vireo is at work, remove it: virsh vol-delete --pool ${pool.name} ${copy.name}`,
    })
  const step = `Copying the ${source.kind === 'iso' ? 'installation medium' : 'image'} into “${pool.name}”`
  operation.progress(step, 0)
  // What the file holds is written as it is, whatever the volume is called: it grows to the file's size.
  await creation.createVolume({ pool: pool.name, name: copy.name, format: 'raw', capacityBytes: 1, shared: true })
  try {
    await creation.upload(pool.name, copy.name, counted(source.path, copy.bytes, operation, step), operation.signal)
  } catch (error) {
    // Nobody can be using half a copy.
    await creation.removeVolume(pool.name, copy.name)
    throw error
  }
}

/** Two machines on one image make one copy: the second waits for the first. */
const sharedCopy = async (making: Making, operation: Operation): Promise<void> => {
  const { around, copies, connection } = making
  if (!around.copy) return
  const key = `${connection.uri}\n${around.pool.name}\n${around.copy.name}`
  const others = copies.get(key)
  if (others) {
    operation.progress('Waiting for the copy of the image')
    await others.catch(() => undefined)
    operation.signal.throwIfAborted()
    return sharedCopy(making, operation)
  }
  const copying = copyBase(making, operation)
  copies.set(key, copying)
  try {
    await copying
  } finally {
    copies.delete(key)
  }
}

const makeDisks = async ({ creation, decided, undo }: Making, operation: Operation): Promise<void> => {
  for (const [index, volume] of decided.disks.entries()) {
    operation.signal.throwIfAborted()
    operation.progress('Making the disks', index / decided.disks.length)
    undo.push(volume.name, () => creation.removeVolume(volume.pool, volume.name))
    await creation.createVolume(volume)
  }
}

/** A machine built on an image where that lies needs it as long as its first disk exists. Gives what ends the wait for it. */
const holdImage = async ({ around, decided, hold, undo }: Making): Promise<() => Promise<void>> => {
  const [disk] = decided.spec.disks
  if (around.copy || !disk) return async () => undefined
  const { path } = around.source
  const settle = () => hold.settle(path, disk.path)
  undo.push('the note on its image', settle)
  await hold.reserve(path, disk.path)
  return settle
}

const makeSeed = async (making: Making, operation: Operation): Promise<void> => {
  const { creation, decided, around, undo } = making
  const { seed, seedVolume } = decided
  if (seed === null || seedVolume === null) return
  operation.progress('Writing the seed')
  const files = seed.vireoAgent ? await making.agentFiles() : []
  const image = await seedImage(seedDocuments(seed), files, operation.signal)
  operation.signal.throwIfAborted()
  const pool = around.pool.name
  undo.push(seedVolume, () => creation.removeVolume(pool, seedVolume))
  await creation.createVolume({ pool, name: seedVolume, format: 'raw', capacityBytes: image.length })
  const chunks = async function* () {
    yield image
  }
  await creation.upload(pool, seedVolume, chunks(), operation.signal)
}

/** Makes it, and leaves the way back on `undo`. */
export const makeMachine = async (making: Making, operation: Operation): Promise<void> => {
  const { connection, creation, decided, around, undo } = making
  const { spec } = decided
  // Whatever the host cannot give is refused before anything is made.
  const xml = creation.xml(spec, around.host)
  if (decided.seed) seedDocuments(decided.seed)
  await sharedCopy(making, operation)
  const settle = await holdImage(making)
  await makeDisks(making, operation)
  await settle()
  await makeSeed(making, operation)
  operation.signal.throwIfAborted()
  operation.progress('Defining the machine')
  undo.push(`the definition of “${spec.name}”`, () => creation.discard(spec.uuid, calm))
  await connection.definition.define(xml)
  await making.defined()
  operation.signal.throwIfAborted()
  if (making.start) {
    operation.progress('Starting the machine')
    await connection.lifecycle.start(spec.uuid, { paused: false }, operation)
  }
  operation.signal.throwIfAborted()
  if (making.autostart) await connection.lifecycle.autostart(spec.uuid, true)
}
