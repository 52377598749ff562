/** Container engines: a program, a system socket and a socket of one's own, which speak the same small language. */
import { membershipOf, type Accounts, type Membership } from './accounts.ts'
import type { Services } from './services.ts'
import type { Machine, SocketAnswer, SocketTrouble } from '../machine.ts'

export interface EngineSocket {
  readonly path: string
  readonly answer: 'answered' | SocketTrouble
  readonly version: string | null
}

export interface EngineFacts {
  readonly name: 'podman' | 'docker'
  readonly installed: boolean
  readonly program: string | null
  readonly rootful: EngineSocket
  /** Null where this login has no folder for it. */
  readonly rootless: EngineSocket | null
  readonly enabled: boolean
  readonly active: boolean
  readonly masked: boolean
  readonly membership: Membership
}

const versionOf = (answer: SocketAnswer): string | null => {
  if (answer.state !== 'answered' || typeof answer.body !== 'object' || answer.body === null) return null
  return 'Version' in answer.body && typeof answer.body.Version === 'string' ? answer.body.Version.slice(0, 40) : null
}

const ask = async ({ sockets, patience }: Machine, path: string): Promise<EngineSocket> => {
  const answer = await sockets.get(path, '/version', patience)
  const version = versionOf(answer)
  return { path, answer: answer.state === 'answered' && version === null ? 'nonsense' : answer.state, version }
}

interface Kind {
  readonly name: EngineFacts['name']
  readonly rootful: string
  /** Below the runtime folder. */
  readonly rootless: string
  readonly unit: string
}

const isFile = async ({ files }: Machine, path: string | undefined): Promise<boolean> =>
  path !== undefined && (await files.stat(path)) !== undefined

export const readEngine = async (
  machine: Machine,
  accounts: Accounts,
  services: Services,
  kind: Kind,
): Promise<EngineFacts> => {
  const { commands, user } = machine
  const program = (await commands.find(kind.name)) ?? null
  const own = user.runtimeFolder && user.uid !== 0 ? `${user.runtimeFolder}/${kind.rootless}` : null
  const [rootful, rootless] = await Promise.all([ask(machine, kind.rootful), own === null ? null : ask(machine, own)])
  const [service, socket] = [services.unit(`${kind.unit}.service`), services.unit(`${kind.unit}.socket`)]
  return {
    name: kind.name,
    installed: await isFile(machine, program ?? undefined),
    ...{ program, rootful, rootless },
    enabled: service.enabled || socket.enabled,
    active: service.active || socket.active,
    masked: service.masked,
    membership: membershipOf(accounts, machine, kind.name),
  }
}
