/** Connection URIs, as https://libvirt.org/uri.html describes them. */
import { ConnectionError } from './errors.ts'

export type TransportName = 'unix' | 'ssh' | 'tls' | 'tcp' | 'libssh' | 'libssh2' | 'ext'

export interface ConnectionTarget {
  /** What was asked for. */
  readonly uri: string
  /** For instance `qemu`, `lxc`, `test`. */
  readonly driver: string
  readonly transport: TransportName
  readonly host: string
  readonly port: number | undefined
  readonly user: string | undefined
  /** For instance `/system`, `/session` or a file of the test driver. */
  readonly path: string
  /** The URI that the daemon is told: without transport, host and our own parameters. */
  readonly name: string
  /** Socket given by `?socket=`. */
  readonly socket: string | undefined
  /** Whether to prefer a daemon of one driver (`direct`) or the one for all (`legacy`). */
  readonly mode: 'auto' | 'legacy' | 'direct'
}

const TRANSPORTS: readonly TransportName[] = ['unix', 'ssh', 'tls', 'tcp', 'libssh', 'libssh2', 'ext']
const MODES = ['auto', 'legacy', 'direct'] as const

/** Parameters for the client: the daemon is not told. */
const OURS = [
  'socket',
  'mode',
  'name',
  'command',
  'netcat',
  'keyfile',
  'no_verify',
  'no_tty',
  'pkipath',
  'proxy',
  'auth',
]

/** Drivers that live in libvirt's C library instead of a daemon, and what they drive. */
const CLIENT_SIDE: Readonly<Record<string, string>> = {
  esx: 'VMware ESX',
  gsx: 'VMware GSX',
  vpx: 'VMware vCenter',
  hyperv: 'Microsoft Hyper-V',
  vmwareplayer: 'VMware Player',
  vmwarews: 'VMware Workstation',
  vmwarefusion: 'VMware Fusion',
  phyp: 'IBM PowerVM',
}

const refuse = (uri: string, why: string): never => {
  throw new ConnectionError('unsupported-driver', `${JSON.stringify(uri)} cannot be opened: ${why}`)
}

const split = (uri: string): URL => {
  // Control characters never belong here, and the URL parser would drop some silently.
  if (/\p{Cc}/u.test(uri)) return refuse(uri, 'it holds control characters.')
  const url = URL.parse(uri)
  if (!url || !/^[a-z][a-z0-9+.-]*:\/\//i.test(uri)) {
    return refuse(uri, 'a connection URI looks like qemu:///system.')
  }
  return url
}

/** @throws {ConnectionError} `unsupported-driver` for what is no URI, or for a driver that has no daemon to talk to */
export const parseUri = (uri: string): ConnectionTarget => {
  const url = split(uri)
  const [driver = '', named] = url.protocol.slice(0, -1).toLowerCase().split('+')
  const transport = (named ?? (url.hostname ? 'tls' : 'unix')) as TransportName
  const product = CLIENT_SIDE[driver]
  if (product)
    refuse(uri, `libvirt's driver for ${product} has no daemon; it lives in the C library, which is not used.`)
  if (!TRANSPORTS.includes(transport)) refuse(uri, `the transport ${JSON.stringify(transport)} is not known.`)
  if (transport === 'unix' && url.hostname) refuse(uri, 'a UNIX socket has no host.')
  if (url.pathname === '/embed') refuse(uri, 'an embedded driver has no daemon; it would run inside this program.')
  const mode = url.searchParams.get('mode') ?? 'auto'
  if (!isMode(mode)) return refuse(uri, 'mode must be auto, legacy or direct.')
  return {
    uri,
    driver,
    transport,
    host: url.hostname,
    port: url.port ? Number(url.port) : undefined,
    user: url.username ? decodeURIComponent(url.username) : undefined,
    path: url.pathname,
    name: url.searchParams.get('name') ?? nameForDaemon(driver, url),
    socket: url.searchParams.get('socket') ?? undefined,
    mode,
  }
}

const isMode = (mode: string): mode is ConnectionTarget['mode'] => (MODES as readonly string[]).includes(mode)

const nameForDaemon = (driver: string, url: URL): string => {
  const parameters = new URLSearchParams(url.searchParams)
  for (const name of OURS) parameters.delete(name)
  const query = parameters.toString()
  return `${driver}://${url.pathname || '/'}${query ? `?${query}` : ''}`
}
