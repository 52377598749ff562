/** Puts the agent together: the channel brings lines, the server answers them, methods do the work. */
import { vireo } from '../protocol/index.ts'
import { RuledAccess } from './access.ts'
import { Channel } from './channel.ts'
import { Children } from './children.ts'
import type { Config } from './config.ts'
import { Commands } from './exec/exec-methods.ts'
import type { Log } from './log.ts'
import type { Loop, Timer } from './loop.ts'
import type { Method } from './method.ts'
import { agentMethods } from './methods/agent.ts'
import { methods as topics } from './method-table.ts'
import { ProcessRunner } from './runner.ts'
import { Server } from './server.ts'
import type { Sys } from './sys.ts'
import { Telemetry } from './telemetry.ts'

export interface AgentParts {
  readonly sys: Sys
  readonly loop: Loop
  readonly log: Log
  readonly config: Config
  /** Gives memory that is free back to the system. */
  readonly trim: () => void
}

/** After so much, all told, the engine holds more memory than it needs; every message leaves something behind beside its bytes. */
const MUCH_BYTES = 64 * 1024
const MESSAGE_BYTES = 2048
const QUIET = 1000
/** Who is never left in peace tidies after so many times of looking all the same. */
const PATIENCE = 4

export const devicePath = (config: Pick<Config, 'devicePath' | 'channelName'>): string =>
  config.devicePath ?? `/dev/virtio-ports/${config.channelName}`

export class Agent {
  readonly #commands: Commands
  readonly #telemetry: Telemetry
  readonly #server: Server
  readonly #channel: Channel
  readonly #parts: AgentParts
  #tidying: Timer | null = null
  #untidyBytes = 0

  constructor(parts: AgentParts) {
    const { sys, loop, log, config } = parts
    this.#parts = parts
    const children = new Children(sys, loop)
    this.#commands = new Commands(children)
    this.#telemetry = new Telemetry({
      ...parts,
      outlet: {
        push: sample => this.#push(sample),
        stuck: () => {
          this.#channel.reopen()
        },
      },
    })
    this.#channel = new Channel(
      sys,
      loop,
      log,
      {
        path: devicePath(config),
        maxMessageBytes: config.maxMessageBytes,
        retrySeconds: config.connectionRetrySeconds,
      },
      this.#listener(),
    )
    this.#server = new Server({
      ...parts,
      access: new RuledAccess(sys, config.security),
      runner: new ProcessRunner(sys, loop, children),
      methods: this.#methods(),
      outlet: {
        send: (line, kind) => {
          this.#noticeSize(line.length)
          return this.#channel.send(line, kind)
        },
        room: async () => this.#channel.room(),
      },
    })
  }

  start(): void {
    this.#channel.open()
  }

  /** What the host started does not outlive us. */
  stop(): void {
    this.#commands.abandon()
  }

  #listener(): ConstructorParameters<typeof Channel>[4] {
    return {
      began: () => {
        this.#telemetry.began()
      },
      line: bytes => {
        this.#noticeSize(bytes.length)
        this.#server.line(bytes)
      },
      tooLong: head => {
        this.#server.tooLong(head)
      },
      ended: () => {
        this.#server.ended()
        this.#commands.abandon()
        this.#telemetry.ended()
      },
    }
  }

  #methods(): readonly Method[] {
    const own = agentMethods({
      methods: () => all,
      reset: () => {
        this.#commands.abandon()
        this.#telemetry.began()
      },
    })
    const all: readonly Method[] = [...own, ...topics, ...this.#commands.methods, ...this.#telemetry.methods]
    return all
  }

  #noticeSize(bytes: number): void {
    this.#untidyBytes += bytes + MESSAGE_BYTES
    if (this.#untidyBytes >= MUCH_BYTES && this.#tidying === null) this.#tidyLater(this.#untidyBytes)
  }

  /** When it is quiet again, telemetry aside, and every few seconds when it never is, what is free is given back. */
  #tidyLater(bytesBefore: number, patience = PATIENCE): void {
    this.#tidying = this.#parts.loop.after(QUIET, () => {
      const busy = this.#untidyBytes - bytesBefore >= MUCH_BYTES
      if (busy && patience > 0) return this.#tidyLater(this.#untidyBytes, patience - 1)
      this.#tidying = null
      this.#untidyBytes = 0
      this.#parts.trim()
    })
  }

  #push(sample: vireo.Telemetry): boolean {
    return this.#server.notice(vireo.telemetryNotice.name, sample, 'telemetry')
  }
}
