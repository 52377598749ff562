/** The room `image`. */
import { realpath } from 'node:fs/promises'
import type { Duplex } from 'node:stream'
import {
  RemoteError,
  type CachedImage,
  type CatalogueImage,
  type DomainId,
  type ImageCacheState,
  type ImageUsers,
  type TaskRef,
  type VireoHandlers,
  type VireoPublish,
} from '../../contract/index.ts'
import { CATALOGUE, ownArchitecture } from '../../image/catalogue.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { freeBytes } from '../../image/disk-space.ts'
import type { StoredImage } from '../../image/image-cache.ts'
import { checksumOf, sourceKey, type Description, type ImageSource } from '../../image/source.ts'
import { offers } from '../../image/resolve.ts'
import type { Context } from '../context.ts'
import type { MachineFiles } from '../create/stale-copies.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { tellTask, type ImageDesk } from './image-desk.ts'
import { firstOf, whereItLies } from './resolve-image.ts'
import type { FindMachineDisk } from './machine-disk.ts'

export interface ImageRoom {
  readonly desk: ImageDesk
  readonly tasks: TaskRegistry
  readonly publish: VireoPublish
  /** What machines say of their disks, those included that somebody made before images were reserved. */
  readonly machines: MachineFiles
  readonly diskOf: FindMachineDisk
}

type Room = VireoHandlers<Context, Duplex>['image']
const DAY = 86_400_000
/** A part of a download that nobody went on with for so long, days. */
const PART_DAYS = 7

const keysOf = (id: string): string[] => ['image', 'iso'].map(what => `catalogue:${id}:${what}:${ownArchitecture()}`)

const catalogue = async (desk: ImageDesk): Promise<CatalogueImage[]> => {
  const { store, file } = desk
  const here = await store.cache.list()
  const own = ownArchitecture()
  const cachedBy = (keys: readonly string[]) =>
    here.find(({ origins }) => origins.some(({ key }) => keys.includes(key)))?.sha256 ?? null
  const known = CATALOGUE.map((entry): CatalogueImage => {
    const ways = (['image', 'iso'] as const).filter(what => offers(entry, what, own))
    const built = here.find(
      ({ osId, origins }) => osId === entry.id && origins.some(({ key }) => key.startsWith('build:')),
    )
    const { id, name, family, version, icon, defaultUser, firmware, minimum, suggested, supportedUntil, osinfo } = entry
    const had = {
      ways: [...ways, ...(entry.build ? (['build'] as const) : [])],
      cached: cachedBy(keysOf(entry.id)) ?? built?.sha256 ?? null,
    }
    return {
      ...{ id, name, family, version, icon, defaultUser, firmware, minimum, suggested, supportedUntil, osinfo },
      origin: 'catalogue',
      architectures: [...entry.architectures.keys()],
      ...{ ...had, first: firstOf(desk, { id, ...had }), agentInstall: entry.agentInstall },
      ...{ place: null, inPlace: false },
    }
  })
  const mine = (await file.read()).own.map(async (one): Promise<CatalogueImage> => {
    const like = CATALOGUE.find(({ id }) => id === one.osId)
    const key = await sourceKey(sourceOfOwn(one)).catch(() => '')
    const cached = cachedBy([key])
    return {
      ...{ id: one.id, name: one.name, family: like?.family ?? 'own', version: like?.version ?? '' },
      ...{ icon: like?.icon ?? 'disk', origin: 'own', architectures: [own], ways: ['image'] },
      ...{ defaultUser: one.defaultUser ?? like?.defaultUser ?? null, firmware: one.firmware },
      ...{ minimum: like?.minimum ?? null, suggested: like?.suggested ?? null, osinfo: like?.osinfo ?? null },
      ...{
        supportedUntil: like?.supportedUntil ?? null,
        agentInstall: like?.agentInstall ?? [],
        ...{ cached, first: cached === null && !one.inPlace ? 'download' : 'cache' },
        ...{ place: one.place, inPlace: one.inPlace },
      },
    }
  })
  return [...known, ...(await Promise.all(mine))]
}

const sourceOfOwn = ({ place, checksum }: { place: string; checksum: string | null }): ImageSource =>
  place.startsWith('/')
    ? { kind: 'file', path: place }
    : { kind: 'url', url: place, ...(checksum === null ? {} : { checksum }) }

const FROM = { build: 'built', file: 'file', machine: 'machine' } as const
const isOwn = (kind: string): kind is keyof typeof FROM => Object.hasOwn(FROM, kind)

/** The same bytes may have come in several ways; the first is what they are. */
const fromOf = ({ origins: [first] }: StoredImage): CachedImage['from'] => {
  const kind = first?.key.split(':')[0] ?? ''
  return isOwn(kind) ? FROM[kind] : 'fetched'
}

const shown = async (desk: ImageDesk, image: StoredImage): Promise<CachedImage> => {
  const { origins, sha256, name, path, format, bytes, fileBytes, osId, architecture, ...rest } = image
  const { defaultUser, firmware, signature, addedAt, usedAt } = rest
  return {
    ...{ sha256, name, path, format, bytes, fileBytes, osId, architecture, defaultUser, firmware, signature },
    ...{
      from: fromOf(image),
      url: origins.at(-1)?.url ?? null,
      addedAt,
      usedAt,
      users: await desk.store.cache.users(sha256),
    },
  }
}

const state = async (desk: ImageDesk): Promise<ImageCacheState> => {
  const { cache } = desk.store
  const images = await Promise.all((await cache.list()).map(async image => shown(desk, image)))
  const usedBytes = images.reduce((sum, { fileBytes }) => sum + fileBytes, 0)
  // A folder that cannot be made yet has nothing in it either.
  return { folder: cache.folder, usedBytes, freeBytes: await freeBytes(cache.folder).catch(() => 0), images }
}

const aboutOf = (given: { [K in keyof Description]: Description[K] }): Description => ({
  ...{ name: given.name, osId: given.osId, defaultUser: given.defaultUser, firmware: given.firmware },
})

/** Begins work on an image; several tasks for the same one share the work. */
const begin = async (
  room: ImageRoom,
  call: 'fetch' | 'build' | 'import',
  source: ImageSource,
  targetName: string,
  refresh: boolean,
): Promise<TaskRef> => {
  const target = `image:${await sourceKey(source)}`
  const title = { fetch: 'Fetch', build: 'Build', import: 'Import' }[call]
  const spec = { room: 'image', name: call, target, targetName, overrides: true, title }
  return room.tasks.start(spec, async operation => brought(room, source, operation, refresh))
}

const brought = async (
  { desk, publish }: ImageRoom,
  source: ImageSource,
  operation: Operation,
  refresh = false,
): Promise<void> => {
  const image = await desk.store.fetch(source, { signal: operation.signal, progress: tellTask(operation), refresh })
  operation.progress(`${image.name} is here: ${image.path}`, 1)
  publish('image', 'changed', {})
}

/** Nobody starts the machine meanwhile: a task works on it, and QEMU's locks hold off those who do not ask us. */
const importMachine = async (
  room: ImageRoom,
  id: DomainId,
  wish: Parameters<FindMachineDisk>[1],
  signal: AbortSignal,
): Promise<TaskRef> => {
  const { source, machineName, ensureOff } = await room.diskOf(id, wish, signal)
  await sourceKey(source).catch(missing(source.path))
  const spec = { room: 'image', name: 'import', target: id, targetName: machineName, overrides: false, title: 'Import' }
  return room.tasks.start(spec, async operation => {
    ensureOff()
    await brought(room, source, operation)
  })
}

const work = (room: ImageRoom): Pick<Room, 'fetch' | 'build' | 'import'> => ({
  fetch: async ({ source: words, iso, architecture, checksum, refresh, ...about }) => {
    checksumOf(checksum)
    const source = await room.desk.source({ source: words, iso, architecture, checksum, about: aboutOf(about) })
    if (source.kind === 'file' && source.inPlace)
      throw new RemoteError({
        kind: 'precondition',
        message: `“${words}” is used where it lies, so nothing has to be fetched.`,
      })
    // An entry of one's own is fetched from wherever it is; a path is no name of anything.
    if (source.kind === 'file' && words.startsWith('/'))
      throw new RemoteError({
        kind: 'invalid-input',
        message: 'A file is imported, not fetched.',
        hint: `vireo image import ${words}`,
      })
    const begun = begin(room, 'fetch', source, words, refresh)
    return source.kind === 'file' ? begun.catch(missing(source.path)) : begun
  },
  build: async ({ id, variant, mirror, refresh }) => {
    const source = room.desk.build(id, { variant, mirror: mirror ?? null })
    const { builder } = room.desk.store
    // Whoever asks can then think of another way at once.
    if (refresh || !(await room.desk.store.cached(source))) builder.ensurePossible(source.recipe)
    return begin(room, 'build', source, id, refresh)
  },
  import: async ({ path, machine, disk, raw, ...about }, { signal }) => {
    if (machine !== undefined) return importMachine(room, machine, { disk, about: aboutOf(about) }, signal)
    if (path === undefined) throw new RemoteError({ kind: 'invalid-input', message: 'There is no file to import.' })
    const source = { kind: 'file', path, raw, about: aboutOf(about) } as const
    return begin(room, 'import', source, path.split('/').at(-1) ?? path, false).catch(missing(path))
  },
})

const missing = (path: string) => (error: unknown) => {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    throw new RemoteError({ kind: 'not-found', message: `There is no file “${path}”.` }, { cause: error })
  if (error instanceof Error && 'code' in error && error.code === 'EACCES')
    throw new RemoteError({ kind: 'permission', message: `“${path}” may not be read by this user.` }, { cause: error })
  throw error
}

/** Machines and volumes that need an image, whose path a link may name as well. */
const needers = async (inUse: ReadonlyMap<string, string>, path: string): Promise<string[]> => {
  const names = new Set([path, await realpath(path).catch(() => path)])
  return [...names].flatMap(name => inUse.get(name) ?? [])
}

/** Everything that could be found out; what could not is said, not guessed. */
const users = async ({ desk, machines }: ImageRoom): Promise<ImageUsers> => {
  const { cache } = desk.store
  let inUse: ReadonlyMap<string, string> = new Map()
  let unread: string | null = null
  try {
    inUse = await machines.inUse()
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error
    unread = error.detail.message
  }
  const images = await Promise.all(
    (await cache.list()).map(async ({ sha256, path }) => {
      const files = await cache.users(sha256)
      const told = [...files.map(file => inUse.get(file) ?? file), ...(await needers(inUse, path))]
      return { sha256, users: [...new Set(told)] }
    }),
  )
  return { images: images.filter(one => one.users.length > 0), unread }
}

/** Throws `precondition` while a machine needs it, whoever made that. */
const remove = async (
  { desk, machines }: ImageRoom,
  id: string,
  known?: ReadonlyMap<string, string>,
): Promise<void> => {
  const { cache } = desk.store
  const { sha256, path } = await cache.get(id)
  await cache.remove(sha256, await needers(known ?? (await machines.inUse()), path))
}

/** False: somebody uses it, or removed it, in this moment. */
const removed = async (room: ImageRoom, sha256: string, inUse: ReadonlyMap<string, string>): Promise<boolean> => {
  try {
    await remove(room, sha256, inUse)
    return true
  } catch (error) {
    if (error instanceof RemoteError && ['precondition', 'not-found'].includes(error.detail.kind)) return false
    throw error
  }
}

const cleanUp = async (room: ImageRoom, days: number, dryRun: boolean) => {
  const { desk, publish, machines } = room
  const { cache } = desk.store
  const before = Date.now() - days * DAY
  const deleted: { sha256: string; name: string }[] = []
  let freedBytes = 0
  const inUse = await machines.inUse()
  for (const { sha256, name, path, fileBytes, usedAt } of await cache.list()) {
    if (usedAt > before || (await cache.users(sha256)).length > 0 || (await needers(inUse, path)).length > 0) continue
    if (!dryRun && !(await removed(room, sha256, inUse))) continue
    deleted.push({ sha256, name })
    freedBytes += fileBytes
  }
  if (!dryRun) freedBytes += await desk.store.sweep(Math.min(days, PART_DAYS) * DAY)
  const copies = await machines.cleanCopies(before, dryRun)
  freedBytes += copies.reduce((sum, { bytes }) => sum + bytes, 0)
  if (!dryRun && deleted.length > 0) publish('image', 'changed', {})
  return { deleted, copies: copies.map(({ pool, name }) => ({ pool, name })), freedBytes }
}

const keeping = (room: ImageRoom): Pick<Room, 'delete' | 'cleanup' | 'add' | 'forget' | 'setMirror'> => ({
  delete: async ({ sha256 }) => {
    await remove(room, sha256)
    room.publish('image', 'changed', {})
    return {}
  },
  cleanup: ({ days, dryRun }) => cleanUp(room, days, dryRun),
  add: async ({ id, place, checksum, inPlace, ...about }, { signal }) => {
    checksumOf(checksum)
    if (CATALOGUE.some(entry => entry.id === id))
      throw new RemoteError({
        kind: 'invalid-input',
        message: `The catalogue has a “${id}” already.`,
        hint: 'Take another id.',
      })
    if (inPlace) await whereItLies({ path: place }, { signal })
    const { name = id, osId = null, defaultUser = null, firmware = 'any' } = about
    const entry = { id, place, name, osId, defaultUser, firmware, checksum: checksum ?? null, inPlace }
    await room.desk.file.update(value => ({ ...value, own: [...value.own.filter(one => one.id !== id), entry] }))
    room.publish('image', 'changed', {})
    return catalogue(room.desk)
  },
  forget: async ({ id }) => {
    const known = (await room.desk.file.read()).own.some(one => one.id === id)
    if (!known) throw new RemoteError({ kind: 'not-found', message: `There is no entry “${id}” of your own.` })
    await room.desk.file.update(value => ({ ...value, own: value.own.filter(one => one.id !== id) }))
    room.publish('image', 'changed', {})
    return catalogue(room.desk)
  },
  setMirror: async ({ from, to }) => {
    const mirror = to === '' ? [] : [{ from, to }]
    const { mirrors } = await room.desk.file.update(value => ({
      ...value,
      mirrors: [...value.mirrors.filter(one => one.from !== from), ...mirror],
    }))
    return mirrors
  },
})

export const imageHandlers = (room: ImageRoom) =>
  ({
    catalogue: () => catalogue(room.desk),
    list: () => state(room.desk),
    users: () => users(room),
    mirrors: async () => (await room.desk.file.read()).mirrors,
    ...work(room),
    ...keeping(room),
  }) satisfies Room
