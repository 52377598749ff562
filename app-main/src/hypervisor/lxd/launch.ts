/** Making machines from images. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { RemoteError, type Launch } from '../../contract/index.ts'
import { isNotFound, type LxdClient, type Operation as DaemonOperation, type Product } from '../../lxd/index.ts'
import type { DomainKey, Operation } from '../driver.ts'
import { waitForDomain } from '../waiting.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { importFile } from './image-file.ts'

export type Wish = Omit<Launch, 'connection'>

/** How long the daemon may take to tell what it already did. */
const TELL_MS = 15_000
/** Large images on slow disks. */
const UNPACK_MS = 10 * 60_000

const SERVERS: Readonly<Record<Product, Readonly<Record<string, string>>>> = {
  lxd: {
    images: 'https://images.lxd.canonical.com',
    ubuntu: 'https://cloud-images.ubuntu.com/releases',
    'ubuntu-daily': 'https://cloud-images.ubuntu.com/daily',
  },
  incus: { images: 'https://images.linuxcontainers.org' },
}

type Source = Readonly<Record<string, string>>

/** What an image's word means: `alias`, `server:alias`. */
export const sourceOf = (image: string, product: Product): Source => {
  const [, server, alias] = /^([A-Za-z][A-Za-z0-9-]*):(.+)$/.exec(image) ?? []
  if (server === undefined || alias === undefined)
    return /^[0-9a-f]{12,64}$/.test(image) ? { type: 'image', fingerprint: image } : { type: 'image', alias: image }
  const address = Object.hasOwn(SERVERS[product], server) ? SERVERS[product][server] : undefined
  if (address === undefined)
    throw new RemoteError({
      kind: 'invalid-input',
      message: `“${server}” is no image server that Vireo knows.`,
      hint: `It knows ${Object.keys(SERVERS[product]).join(', ')}.`,
    })
  return { type: 'image', mode: 'pull', protocol: 'simplestreams', server: address, alias }
}

/** The request for a new machine; `root` is the root disk as the profiles give it. */
export const requestOf = (wish: Wish, source: Source, root: Readonly<Record<string, string>> | null) => ({
  name: wish.name,
  type: wish.vm ? 'virtual-machine' : 'container',
  source,
  profiles: wish.profiles.split(',').filter(Boolean),
  config: {
    ...(wish.cpus === null ? {} : { 'limits.cpu': String(wish.cpus) }),
    ...(wish.memory === null ? {} : { 'limits.memory': wish.memory }),
    ...(wish.autostart ? { 'boot.autostart': 'true' } : {}),
    ...(wish.nesting ? { 'security.nesting': 'true' } : {}),
  },
  devices: {
    ...(wish.network === null ? {} : { eth0: { type: 'nic', name: 'eth0', network: wish.network } }),
    ...(wish.disk === null || root === null ? {} : { root: { ...root, size: wish.disk } }),
  },
})

const tell =
  (operation: Operation) =>
  ({ metadata }: DaemonOperation): void => {
    const fetched = metadata?.['download_progress']
    const text = fetched ?? metadata?.['create_instance_from_image_unpack_progress']
    if (typeof text !== 'string') return
    const percent = /(\d{1,3})%/.exec(text)?.[1]
    const step = fetched === undefined ? 'Unpacking the image' : 'Fetching the image'
    operation.progress(step, percent === undefined ? undefined : Math.min(100, Number(percent)) / 100)
  }

/** Tells the machine that this launch made from one of the same name that somebody else made meanwhile. */
const MARK = 'user.vireo.launch'
const Marked = z.looseObject({ config: z.record(z.string(), z.unknown()).nullish() })

/** A machine that nobody wants any more: what makes it may not be stoppable, and is waited for. Others stay. */
const takeAway = async (
  client: LxdClient,
  { name, mark }: { readonly name: string; readonly mark: string },
  begun: DaemonOperation | null,
): Promise<void> => {
  if (begun !== null) await client.wait(begun, { deadlineMs: UNPACK_MS }).catch(() => null)
  const path = client.path(['instances', name])
  try {
    const { config } = await client.get(path, Marked)
    if (config?.[MARK] !== mark) return
    const stop = { action: 'stop', force: true, timeout: 30 }
    await client.change('PUT', client.path(['instances', name, 'state']), stop).catch(() => null)
    await client.change('DELETE', path)
  } catch (error) {
    if (!isNotFound(error)) throw error
  }
}

export const launch = async (connection: DaemonAccess, wish: Wish, operation: Operation): Promise<DomainKey> => {
  const client = connection.client()
  const { name } = wish
  const path = client.path(['instances', name])
  if (await client.exists(path, operation.signal))
    throw new RemoteError({
      kind: 'precondition',
      message: `There is a machine “${name}” already.`,
      hint: 'Choose another name.',
    })
  const root = wish.disk === null ? null : await rootOf(client, wish, operation.signal)
  const file = wish.image.startsWith('/')
    ? await importFile(client, { uri: connection.uri, path: wish.image }, operation)
    : null
  const source = file === null ? sourceOf(wish.image, client.product) : { type: 'image', fingerprint: file.fingerprint }
  const mark = randomUUID()
  let begun: DaemonOperation | null = null
  try {
    operation.progress('Making the machine')
    const request = requestOf(wish, source, root)
    const marked = { ...request, config: { ...request.config, [MARK]: mark } }
    // Asked for to the end, whoever gives up meanwhile: what LXD began must be known, to be taken away.
    begun = await client.begin('POST', client.path(['instances']), marked)
    if (begun === null) operation.signal.throwIfAborted()
    else await client.wait(begun, { signal: operation.signal, onProgress: tell(operation) })
    if (wish.start) {
      operation.progress('Starting it')
      const start = { action: 'start', timeout: 60 }
      await client.change('PUT', client.path(['instances', name, 'state']), start, { signal: operation.signal })
    }
    return await shown(connection, wish, operation)
  } catch (error) {
    // One that was made and does not start is kept, to see why; LXD itself removes what it could not make.
    if (operation.signal.aborted) await takeAway(client, { name, mark }, begun)
    throw error
  } finally {
    await file?.release()
    connection.inventory.touch(name)
  }
}

const shown = async (connection: DaemonAccess, { name, start }: Wish, operation: Operation): Promise<DomainKey> => {
  connection.inventory.touch(name)
  await connection.inventory.refresh()
  const key = connection.inventory.keyOfName(name)
  if (key === undefined)
    throw new RemoteError({ kind: 'not-found', message: `“${name}” went away as soon as it was made.` })
  if (start)
    // It may have ended as soon as it began.
    await waitForDomain(
      connection,
      key,
      one => one === undefined || one.state === 'running' || one.state === 'shutoff',
      {
        deadlineMs: TELL_MS,
        signal: operation.signal,
        late: () => new RemoteError({ kind: 'timeout', message: `LXD does not tell that “${name}” runs.` }),
      },
    )
  return key
}

/** The root disk that the last profile gives. */
const rootOf = async (
  client: LxdClient,
  { profiles }: Wish,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> => {
  const found: Readonly<Record<string, string>>[] = []
  for (const name of profiles.split(',').filter(Boolean)) {
    const devices = await client.profileDevices(name, signal).catch((error: unknown) => {
      throw isNotFound(error)
        ? new RemoteError({ kind: 'not-found', message: `There is no profile “${name}”.` })
        : error
    })
    found.push(...Object.values(devices).filter(device => device['type'] === 'disk' && device['path'] === '/'))
  }
  const last = found.at(-1)
  if (last !== undefined) return last
  throw new RemoteError({
    kind: 'precondition',
    message: 'None of the profiles has a root disk, so it cannot be given a size.',
  })
}
