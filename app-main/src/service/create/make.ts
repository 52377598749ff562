/** The steps that make a machine, each with its way back. */
import { seedDocuments, seedImage, type SeedFile } from '../../cloud-init/index.ts'
import type { Creation } from '../../hypervisor/creation.ts'
import type { HypervisorConnection, Operation } from '../../hypervisor/driver.ts'
import { copyIntoPool } from './copy-into-pool.ts'
import type { Decided, Install } from './decide.ts'
import { fillVolume, prepareInstaller, runInstaller } from './install.ts'
import type { ImageHold } from './source.ts'
import type { Surroundings } from './surroundings.ts'
import type { UndoStack } from './undo-stack.ts'

export interface Making {
  readonly connection: Pick<HypervisorConnection, 'uri'> & {
    readonly definition: Pick<HypervisorConnection['definition'], 'define'>
    readonly lifecycle: Pick<HypervisorConnection['lifecycle'], 'start' | 'autostart'>
  }
  readonly creation: Pick<
    Creation,
    'xml' | 'makeFolderPool' | 'volume' | 'createVolume' | 'upload' | 'removeVolume' | 'discard' | 'install'
  >
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
  /** Forgets the pool that was made for this machine's folder, where nobody else wants it. */
  readonly dropFolderPool: () => Promise<void>
}

/** Undoing has no hurry and is not cancelled. */
const calm: Operation = { signal: new AbortController().signal, progress: () => undefined }

const copySource = async ({ creation, around, copies, connection }: Making, operation: Operation): Promise<void> => {
  const { source, pool, copy } = around
  if (!copy) return
  const what = source.kind === 'iso' ? 'installation medium' : 'image'
  await copyIntoPool(
    { creation, uri: connection.uri, pool: pool.name, copy, path: source.path, what, copies },
    operation,
  )
}

/** Also where it was there a moment ago: whoever made it may have undone it since. */
const makeFolderPool = async (making: Making, operation: Operation): Promise<void> => {
  const { creation, around, undo } = making
  const { pool } = around
  if (!pool.forFolder) return
  operation.progress('Preparing the folder')
  if (pool.forFolder === 'new') undo.push(`the storage pool “${pool.name}”`, making.dropFolderPool)
  await creation.makeFolderPool(pool.name, pool.path)
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

const seedAnswers = ({ answers: { userData, networkConfig } }: Install) => ({ userData, networkConfig })

const makeSeed = async (making: Making, operation: Operation): Promise<void> => {
  const { decided } = making
  const { seed, seedVolume } = decided
  if (seed === null || seedVolume === null) return
  operation.progress('Writing the seed')
  const files = seed.vireoAgent ? await making.agentFiles() : []
  const documents = seedDocuments(seed)
  const told = decided.install ? { ...documents, ...seedAnswers(decided.install) } : documents
  const image = await seedImage(told, files, operation.signal)
  operation.signal.throwIfAborted()
  await fillVolume(making, seedVolume, image, operation)
}

/** Makes it, and leaves the way back on `undo`. */
export const makeMachine = async (making: Making, operation: Operation): Promise<void> => {
  const { connection, creation, decided, around, undo } = making
  const { spec } = decided
  // Whatever the host cannot give is refused before anything is made.
  const xml = creation.xml(spec, around.host)
  if (decided.seed) seedDocuments(decided.seed)
  await makeFolderPool(making, operation)
  await copySource(making, operation)
  const settle = await holdImage(making)
  await makeDisks(making, operation)
  await settle()
  await makeSeed(making, operation)
  if (decided.install) await prepareInstaller(making, decided.install, operation)
  operation.signal.throwIfAborted()
  operation.progress('Defining the machine')
  undo.push(`the definition of “${spec.name}”`, () => creation.discard(spec.uuid, calm))
  await connection.definition.define(xml)
  // Until its system is on it, it is half made.
  if (decided.install) await runInstaller(making, decided.install, operation)
  await making.defined()
  operation.signal.throwIfAborted()
  if (making.start) {
    operation.progress('Starting the machine')
    await connection.lifecycle.start(spec.uuid, { paused: false }, operation)
  }
  operation.signal.throwIfAborted()
  if (making.autostart) await connection.lifecycle.autostart(spec.uuid, true)
}
