/** Making machines from images. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { RemoteError, type Launch } from '../../contract/index.ts'
import {
  isNotFound,
  uploadImage,
  type LxdClient,
  type Operation as DaemonOperation,
  type Product,
} from '../../lxd/index.ts'
import type { DomainKey, Operation } from '../driver.ts'
import { waitForDomain } from '../waiting.ts'
import type { DaemonAccess } from './daemon-access.ts'

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

/** Puts an image file into the daemon's store. Gives its fingerprint, and whether it was not there before. */
const importFile = async (client: LxdClient, path: string, operation: Operation) => {
  const found = await stat(path).catch(() => null)
  if (!found?.isFile())
    throw new RemoteError({ kind: 'not-found', message: `There is no file ${path} on the computer where Vireo runs.` })
  operation.progress('Reading the image file')
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { signal: operation.signal })) hash.update(chunk as Buffer)
  const fingerprint = hash.digest('hex')
  const known = await client.exists(client.path(['images', fingerprint]), operation.signal)
  if (known) return { fingerprint, fresh: false }
  let sent = 0
  const content = async function* () {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      sent += chunk.length
      operation.progress('Handing the image file to LXD', sent / Math.max(1, found.size))
      yield chunk
    }
  }
  await uploadImage(client, content(), operation.signal)
  return { fingerprint, fresh: true }
}

/** A machine that nobody wants any more: what makes it may not be stoppable, and is waited for. */
const takeAway = async (client: LxdClient, name: string, begun: DaemonOperation | null): Promise<void> => {
  if (begun !== null) await client.wait(begun, { deadlineMs: UNPACK_MS }).catch(() => null)
  const state = client.path(['instances', name, 'state'])
  await client.change('PUT', state, { action: 'stop', force: true, timeout: 30 }).catch(() => null)
  await client.change('DELETE', client.path(['instances', name])).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
  })
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
  const file = wish.image.startsWith('/') ? await importFile(client, wish.image, operation) : null
  const source = file === null ? sourceOf(wish.image, client.product) : { type: 'image', fingerprint: file.fingerprint }
  // Only what LXD began for us is ever taken away.
  let begun: DaemonOperation | null = null
  try {
    operation.progress('Making the machine')
    const request = requestOf(wish, source, root)
    begun = await client.begin('POST', client.path(['instances']), request, operation.signal)
    if (begun !== null) await client.wait(begun, { signal: operation.signal, onProgress: tell(operation) })
    if (wish.start) {
      operation.progress('Starting it')
      const start = { action: 'start', timeout: 60 }
      await client.change('PUT', client.path(['instances', name, 'state']), start, { signal: operation.signal })
    }
    return await shown(connection, wish, operation)
  } catch (error) {
    // One that was made and does not start is kept, to see why; LXD itself removes what it could not make.
    if (begun !== null && operation.signal.aborted) await takeAway(client, name, begun)
    throw error
  } finally {
    if (file?.fresh) await client.change('DELETE', client.path(['images', file.fingerprint])).catch(() => null)
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
