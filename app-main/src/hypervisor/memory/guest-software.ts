/** What runs inside a machine in memory, as far as the host can tell: programs on its channels, and a qemu-ga. */
import { duplexPair, type Duplex } from 'node:stream'
import { disposable, type Disposable } from '../../base/disposable.ts'
import { Emitter } from '../../base/emitter.ts'
import { SharedLine } from '../share/shared-line.ts'

/** Serves one channel: gets the guest's end of the line whenever somebody opens it. */
export type ChannelProgram = (line: Duplex) => void

/** Answers qemu-ga's commands: gives what stands under `return`. What it throws is the guest's error. */
export type AgentProgram = (command: unknown) => unknown

/** The program outlives restarts of the machine, as installed software does; nobody hears it while the machine is off. */
export class GuestSoftware {
  readonly #programs = new Map<string, ChannelProgram>()
  readonly #lines = new Map<string, SharedLine>()
  readonly #changed = new Emitter<undefined>()
  readonly onChange = this.#changed.event
  #agent: AgentProgram | null = null

  get agent(): AgentProgram | null {
    return this.#agent
  }

  /** Installs a program on a channel; dispose to end it. */
  serve(channel: string, program: ChannelProgram): Disposable {
    this.#programs.set(channel, program)
    this.#closeLine(channel)
    this.#changed.fire(undefined)
    return disposable(() => {
      if (this.#programs.get(channel) !== program) return
      this.#programs.delete(channel)
      this.#closeLine(channel)
      this.#changed.fire(undefined)
    })
  }

  /** Installs a qemu-ga; dispose to end it. */
  answer(agent: AgentProgram): Disposable {
    this.#agent = agent
    this.#changed.fire(undefined)
    return disposable(() => {
      if (this.#agent !== agent) return
      this.#agent = null
      this.#changed.fire(undefined)
    })
  }

  serves(channel: string): boolean {
    return this.#programs.has(channel)
  }

  /** The host's end of a channel, shared by all who open it. Without a program, what is written is lost. */
  open(channel: string): Duplex {
    const known = this.#lines.get(channel)
    if (known !== undefined && !known.ended) return known.attach()
    const [host, guest] = duplexPair()
    // Either end may vanish while the other is still at work.
    guest.on('error', () => undefined)
    const program = this.#programs.get(channel)
    if (program === undefined) guest.resume()
    else program(guest)
    const line = new SharedLine(host)
    this.#lines.set(channel, line)
    return line.attach()
  }

  /** The machine went off, or lost this channel. */
  closeLines(channel?: string): void {
    for (const name of channel === undefined ? [...this.#lines.keys()] : [channel]) this.#closeLine(name)
  }

  #closeLine(channel: string): void {
    this.#lines.get(channel)?.close()
    this.#lines.delete(channel)
  }
}
