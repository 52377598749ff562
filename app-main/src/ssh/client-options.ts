/** How the system's ssh is told what to do: options only, nothing that it or a shell would interpret. */
import { checkedTarget, type SshTarget } from './target.ts'

export interface SshPlaces {
  /** The shared connection's socket. */
  readonly socket: string
  /** The host keys of this machine. */
  readonly knownHosts: string
  /** ssh's own configuration instead of the user's and the system's; `none` for none. */
  readonly config?: string | undefined
}

export type SshMode =
  /** Nobody is asked anything. */
  | 'batch'
  /** For a person at a terminal, who may be asked. */
  | 'terminal'

/** How long a connection that nobody uses stays open for the next command, in seconds. */
const PERSIST = 600
export const CONNECT_SECONDS = 10

/** ssh expands `%` in paths and reads quotes around them. */
const path = (value: string): string => `"${value.replaceAll('%', '%%')}"`

const given = (values: Readonly<Record<string, string | number>>): string[] =>
  Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`])

/**
 * All options up to the host, which they end with. `share`: `auto` makes the shared connection when there is none, `no` only uses
 * it. Throws `invalid-input` for a target that is none.
 */
export const sshArguments = (
  target: SshTarget,
  { socket, knownHosts, config }: SshPlaces,
  mode: SshMode,
  share: 'auto' | 'no',
): string[] => {
  const { alias, host, port, user, keyFile } = checkedTarget(target)
  return [
    ...(config === undefined ? [] : ['-F', config]),
    ...given({ ControlMaster: share, ControlPath: path(socket), ControlPersist: PERSIST }),
    ...given({
      Port: port,
      HostKeyAlias: alias,
      UserKnownHostsFile: path(knownHosts),
      GlobalKnownHostsFile: '/dev/null',
    }),
    ...given({ StrictHostKeyChecking: 'accept-new', UpdateHostKeys: 'no', CheckHostIP: 'no', VerifyHostKeyDNS: 'no' }),
    ...given({ HashKnownHosts: 'no', ConnectTimeout: CONNECT_SECONDS, ServerAliveInterval: 5, ServerAliveCountMax: 3 }),
    // Whatever the user's own configuration says: the guest gets a shell and nothing of this computer.
    ...given({
      ForwardAgent: 'no',
      ForwardX11: 'no',
      ClearAllForwardings: 'yes',
      Tunnel: 'no',
      PermitLocalCommand: 'no',
    }),
    ...given({ RemoteCommand: 'none' }),
    ...(mode === 'batch'
      ? given({ BatchMode: 'yes', LogLevel: 'ERROR', RequestTTY: 'no' })
      : given({ BatchMode: 'no', LogLevel: 'INFO' })),
    ...(keyFile === null ? [] : given({ IdentityFile: path(keyFile), IdentitiesOnly: 'yes' })),
    ...(user === null ? [] : ['-l', user]),
    ...['--', host],
  ]
}

/** Where ssh speaks about failures it does so in plain English, and tells the guest no language of ours. */
export const plainEnvironment = (environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(?:LANG|LANGUAGE|LC_.*)$/.test(name)))
