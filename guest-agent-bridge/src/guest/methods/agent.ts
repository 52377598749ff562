/** Who answers here, and what it can do. */
import { vireo } from '../../protocol/index.ts'
import type { Config } from '../config.ts'
import { handle, type Method, type MethodContext } from '../method.ts'
import type { Sys } from '../sys.ts'
import { findUser } from '../users.ts'
import { chunkBytes } from './pages.ts'
import { initSystem } from './service.ts'

declare const AGENT_VERSION: string | undefined

/** Put in by the build; sources that run by themselves have none. */
export const agentVersion = typeof AGENT_VERSION === 'undefined' ? '0.0.0' : AGENT_VERSION
/** Of KVM Manager, whose methods we answer. */
const SEED_PROTOCOL = '1.0.0'

const ping = handle(vireo.ping, {
  urgent: true,
  run: (_, { sys }) => ({ pong: true as const, timestamp: Math.trunc(sys.now() / 1000) }),
})

/** Null: it can work here. */
const whyNot = (sys: Sys, method: Method): string | null => {
  if (!method.unprivileged && sys.uid !== 0) return 'The agent does not run as root'
  const needsInit = method.name.startsWith('service.')
  return needsInit && initSystem(sys) === null ? 'Neither systemd nor OpenRC runs in this guest' : null
}

const list = (paths: readonly string[]): string => (paths.length === 0 ? 'nothing' : paths.join(', '))

/** The rules in force, for people. */
export const restrictionsOf = ({ security }: Pick<Config, 'security'>): string[] => {
  const sentences: string[] = []
  if (security.readPaths !== null) sentences.push(`Reads only ${list(security.readPaths)}`)
  for (const paths of security.writePaths) sentences.push(`Writes only ${list(paths)}`)
  if (security.denyReadPaths.length > 0) sentences.push(`Never reads ${list(security.denyReadPaths)}`)
  for (const commands of security.commandWhitelists) sentences.push(`Runs only ${list(commands)}`)
  if (security.commandBlocklist.length > 0) sentences.push(`Never runs ${list(security.commandBlocklist)}`)
  if (security.maxCommandsPerMinute !== null)
    sentences.push(`At most ${security.maxCommandsPerMinute} commands a minute`)
  if (security.maxFileOperationsPerSecond !== null) {
    sentences.push(`At most ${security.maxFileOperationsPerSecond} file operations a second`)
  }
  return sentences
}

const limitsOf = (config: Config): vireo.AgentLimits => ({
  max_message_bytes: config.maxMessageBytes,
  max_chunk_bytes: chunkBytes(config),
  max_concurrent_requests: config.maxConcurrentRequests,
  max_command_timeout_seconds: config.maxExecTimeoutSeconds,
  max_file_bytes: config.security.maxFileBytes,
})

const capabilitiesOf = (
  context: MethodContext,
  methods: readonly Method[],
  startedAt: number,
): vireo.AgentCapabilities => {
  const { sys, config } = context
  const judged = methods.map(method => ({ method: method.name, reason: whyNot(sys, method) }))
  return {
    agent: 'vireo',
    version: agentVersion,
    protocol: vireo.vireoProtocol,
    platform: 'linux',
    architecture: sys.system().machine,
    user: findUser(sys, String(sys.uid))?.name ?? String(sys.uid),
    privileged: sys.uid === 0,
    pid: sys.pid,
    started_at_ms: startedAt,
    methods: judged.filter(({ reason }) => reason === null).map(({ method }) => method),
    unavailable: judged.flatMap(({ method, reason }) => (reason === null ? [] : [{ method, reason }])),
    limits: limitsOf(config),
    restrictions: restrictionsOf(config),
  }
}

export interface AgentParts {
  /** All methods, these included. */
  readonly methods: () => readonly Method[]
  /** Ends what an earlier host left behind. */
  readonly reset: (context: MethodContext) => void
}

export const agentMethods = ({ methods, reset }: AgentParts): readonly Method[] => {
  let startedAt: number | null = null
  const capabilities = (context: MethodContext): vireo.AgentCapabilities => {
    startedAt ??= Math.trunc(context.sys.now())
    return capabilitiesOf(context, methods(), startedAt)
  }
  return [
    ping,
    handle(vireo.getAgentInfo, {
      urgent: true,
      run: (_, context) => ({
        version: agentVersion,
        protocol_version: SEED_PROTOCOL,
        platform: 'linux',
        capabilities: capabilities(context).methods,
      }),
    }),
    handle(vireo.agentCapabilities, { urgent: true, run: (_, context) => capabilities(context) }),
    handle(vireo.agentHello, {
      urgent: true,
      run: (_, context) => {
        reset(context)
        return capabilities(context)
      },
    }),
  ]
}
