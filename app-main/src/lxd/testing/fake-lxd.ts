/** A daemon on a real socket that says what a test tells it to; by default what LXD 5.0 says of simulated instances. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'

/** Answers one request; `METHOD /path` without its query chooses it. */
export type FakeAnswer = (response: ServerResponse, request: IncomingMessage) => void

export interface FakeLxd extends AsyncDisposable {
  readonly socket: string
  readonly uri: string
  /** What the daemon knows of its instances, by name. */
  readonly instances: Map<string, Record<string, unknown>>
  /** Answers instead of the usual ones. */
  readonly answers: Map<string, FakeAnswer>
  /** `METHOD /path?query`, in order. */
  readonly asked: string[]
  /** Sockets that are turned away, by what was asked. */
  refuseSocket: ((ask: string) => boolean) | null
  /** Those who follow the events, and the other ends of all other WebSockets. */
  readonly ears: Set<WebSocket>
  tell(action: string, name: string, context?: Record<string, unknown>): void
}

export const sync = (metadata: unknown): FakeAnswer =>
  json({ type: 'sync', status: 'Success', status_code: 200, operation: '', error_code: 0, error: '', metadata })

export const refuse =
  (status: number, error: string): FakeAnswer =>
  response =>
    json({ type: 'error', status: '', status_code: 0, operation: '', error_code: status, error, metadata: null })(
      response,
      status,
    )

export const json =
  (value: unknown) =>
  (response: ServerResponse, status: unknown = 200): void => {
    response.writeHead(typeof status === 'number' ? status : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(value))
  }

/** An answer that never comes. */
export const silence: FakeAnswer = () => undefined

/** An instance as LXD 5.0 tells of it, with its state. */
export const fakeInstance = (name: string, facts: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  type: 'container',
  status: 'Running',
  status_code: 103,
  architecture: 'x86_64',
  description: '',
  config: { 'image.os': 'Debian', 'image.release': 'bookworm', 'volatile.uuid': uuidOf(name) },
  devices: {},
  expanded_config: { 'image.os': 'Debian', 'image.release': 'bookworm', 'volatile.uuid': uuidOf(name) },
  expanded_devices: { root: { path: '/', pool: 'default', type: 'disk' } },
  profiles: ['default'],
  ephemeral: false,
  stateful: false,
  location: 'none',
  project: 'default',
  backups: null,
  snapshots: null,
  state: {
    ...{ status: 'Running', status_code: 103, disk: null, pid: 1, processes: 2, cpu: { usage: 1_000_000_000 } },
    memory: { usage: 1024 * 1024, usage_peak: 0, swap_usage: 0, swap_usage_peak: 0 },
    network: {
      eth0: {
        addresses: [{ family: 'inet', address: '10.0.0.2', netmask: '24', scope: 'global' }],
        counters: { bytes_received: 10, bytes_sent: 20 },
        ...{ hwaddr: '00:16:3e:00:00:01', host_name: 'veth0', mtu: 1500, state: 'up', type: 'broadcast' },
      },
      lo: {
        addresses: [{ family: 'inet', address: '127.0.0.1', netmask: '8', scope: 'local' }],
        counters: { bytes_received: 5, bytes_sent: 5 },
        ...{ hwaddr: '', host_name: '', mtu: 65_536, state: 'up', type: 'loopback' },
      },
    },
  },
  ...facts,
})

/** The same for the same name. */
export const uuidOf = (name: string): string => {
  const digits = Buffer.from(name).toString('hex').padEnd(32, '0').slice(-32)
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const SERVER = {
  auth: 'trusted',
  api_extensions: ['instances', 'instance_get_full', 'container_full', 'projects', 'api_filtering'],
  environment: { server: 'lxd', server_name: 'fake', server_version: '5.0.2', driver: 'lxc', driver_version: '5.0.2' },
}
const RESOURCES = {
  cpu: { total: 4, sockets: [{ name: 'Model' }] },
  memory: { total: 8 * 1024 ** 3, used: 1024 ** 3 },
}

const usual = (fake: FakeLxd, request: IncomingMessage): FakeAnswer => {
  const url = new URL(request.url ?? '/', 'http://fake')
  const [, , room, name, part] = url.pathname.split('/').map(decodeURIComponent)
  if (room === undefined) return sync(SERVER)
  if (room === 'resources') return sync(RESOURCES)
  if (room !== 'instances') return refuse(404, 'not found')
  if (name === undefined) return sync([...fake.instances.values()])
  const instance = fake.instances.get(name)
  if (instance === undefined) return refuse(404, 'Instance not found')
  return sync(part === 'state' ? instance['state'] : instance)
}

/** Starts one in a folder of its own; dispose to end it with all connections. */
export const fakeLxd = async (socket?: string): Promise<FakeLxd> => {
  const folder = await mkdtemp(join(tmpdir(), 'fake-lxd-'))
  const path = socket ?? join(folder, 'unix.socket')
  const server = createServer((request, response) => {
    fake.asked.push(`${request.method} ${request.url}`)
    const answer = fake.answers.get(`${request.method} ${new URL(request.url ?? '/', 'http://f').pathname}`)
    ;(answer ?? usual(fake, request))(response, request)
  })
  const sockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, pipe, head) => {
    fake.asked.push(`SOCKET ${request.url}`)
    if (fake.refuseSocket?.(request.url ?? '')) return void pipe.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    sockets.handleUpgrade(request, pipe, head, ear => {
      fake.ears.add(ear)
      ear.on('error', () => undefined)
      ear.on('close', () => fake.ears.delete(ear))
    })
  })
  await new Promise<void>(resolve => server.listen(path, resolve))
  const fake: FakeLxd = {
    ...{ socket: path, uri: `lxd:///?socket=${path}`, instances: new Map(), answers: new Map(), asked: [] },
    ears: new Set(),
    refuseSocket: null,
    tell(action, name, context) {
      const metadata = { action, source: `/1.0/instances/${name}`, ...(context && { context }) }
      for (const ear of fake.ears) ear.send(JSON.stringify({ type: 'lifecycle', project: 'default', metadata }))
    },
    async [Symbol.asyncDispose]() {
      for (const ear of fake.ears) ear.terminate()
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
      await rm(folder, { recursive: true, force: true })
    },
  }
  return fake
}
