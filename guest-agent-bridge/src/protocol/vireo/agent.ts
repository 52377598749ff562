/** Who answers, and what it can do here. */
import * as v from 'valibot'
import { method } from './define.ts'
import { count, epochMs, nothing } from './scalar.ts'

/** Grows when a message changes its meaning; new methods and members do not change it. */
export const vireoProtocol = 1

/** The channel's name in the guest's `/dev/virtio-ports` and in the domain's XML. */
export const vireoChannel = 'org.vireo.agent.0'

/** The longest line either side accepts without the newline, in bytes, unless the agent's limits say less. */
export const maxMessageBytes = 1024 * 1024

/** Answers at once and touches nothing. */
export const ping = method(
  'ping',
  nothing,
  v.object({
    pong: v.literal(true),
    /** Whole seconds since 1970. */
    timestamp: count,
  }),
)

/** As KVM Manager's agent answers; `agent.capabilities` tells more. */
export const getAgentInfo = method(
  'get_agent_info',
  nothing,
  v.object({
    version: v.string(),
    /** KVM Manager's protocol, `1.0.0`. */
    protocol_version: v.string(),
    platform: v.string(),
    /** Names of the methods that work here. */
    capabilities: v.array(v.string()),
  }),
)

export const AgentLimits = v.object({
  /** Longest line that the agent reads or writes, in bytes. */
  max_message_bytes: count,
  /** Most bytes (before base64) in one `file.read`, `file.write.chunk`, `exec.stdin` and `exec.output`. */
  max_chunk_bytes: count,
  /** Requests that run at once; more wait, and far more get `busy`. */
  max_concurrent_requests: count,
  /** Longer timeouts of commands are shortened to this. Null: none. */
  max_command_timeout_seconds: v.nullable(count),
  /** Larger files are neither read nor written. Null: none. */
  max_file_bytes: v.nullable(count),
})
export type AgentLimits = v.InferOutput<typeof AgentLimits>

export const AgentCapabilities = v.object({
  agent: v.literal('vireo'),
  version: v.string(),
  protocol: count,
  platform: v.string(),
  architecture: v.string(),
  /** User that the agent runs as. */
  user: v.string(),
  /** False: it is not root, and methods are missing for that. */
  privileged: v.boolean(),
  pid: count,
  started_at_ms: epochMs,
  /** Methods that can work here. */
  methods: v.array(v.string()),
  /** Methods that this agent knows and cannot do here, with a sentence that says why. */
  unavailable: v.array(v.object({ method: v.string(), reason: v.string() })),
  limits: AgentLimits,
  /** Rules of the agent's configuration that are in force, as sentences for people. */
  restrictions: v.array(v.string()),
})
export type AgentCapabilities = v.InferOutput<typeof AgentCapabilities>

/** Looks, and changes nothing. */
export const agentCapabilities = method('agent.capabilities', nothing, AgentCapabilities)

/**
 * The first request of a new conversation. Ends what an earlier host left behind: telemetry stops, commands of
 * `exec.start` are killed. Uploads and a frozen state stay, they have tokens.
 */
export const agentHello = method('agent.hello', nothing, AgentCapabilities)
