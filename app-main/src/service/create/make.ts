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

interface Seeding {
  readonly volume: string
  readonly image: Promise<Buffer>
  /** Ends the work on it, and waits until nothing of that is left. */
  end(): Promise<void>
}

/** The seed's image takes a program of its own, which runs while the disks are made. */
const beginSeed = ({ decided, agentFiles }: Making, operation: Operation): Seeding | null => {
  const { seed, seedVolume: volume } = decided
  if (seed === null || volume === null) return null
  const documents = seedDocuments(seed)
  const told = decided.install ? { ...documents, ...seedAnswers(decided.install) } : documents
  const stop = new AbortController()
  const signal = AbortSignal.any([operation.signal, stop.signal])
  const write = async () => seedImage(told, seed.vireoAgent ? await agentFiles() : [], signal)
  const image = write()
  // Whoever wants it hears of its failure; here it must only have ended.
  const ended = image.then(
    () => undefined,
    () => undefined,
  )
  const end = () => {
    stop.abort()
    return ended
  }
  return { volume, image, end }
}

const makeSeed = async (making: Making, seeding: Seeding | null, operation: Operation): Promise<void> => {
  if (seeding === null) return
  operation.progress('Writing the seed')
  const image = await seeding.image
  operation.signal.throwIfAborted()
  await fillVolume(making, seeding.volume, image, operation)
}

/** Makes it, and leaves the way back on `undo`. */
export const makeMachine = async (making: Making, operation: Operation): Promise<void> => {
  // Whatever the host cannot give is refused before anything is made.
  const xml = making.creation.xml(making.decided.spec, making.around.host)
  const seeding = beginSeed(making, operation)
  try {
    await makeFiles(making, seeding, operation)
  } finally {
    await seeding?.end()
  }
  await makeDomain(making, xml, operation)
}

const makeFiles = async (making: Making, seeding: Seeding | null, operation: Operation): Promise<void> => {
  const { decided } = making
  await makeFolderPool(making, operation)
  await copySource(making, operation)
  const settle = await holdImage(making)
  await makeDisks(making, operation)
  await settle()
  await makeSeed(making, seeding, operation)
  if (decided.install) await prepareInstaller(making, decided.install, operation)
}

const makeDomain = async (making: Making, xml: string, operation: Operation): Promise<void> => {
  const { connection, creation, decided, undo } = making
  const { spec } = decided
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
