/** What stands in for a daemon: machines by URI, which outlive the connections to them as real ones do. */
import { randomUUID } from 'node:crypto'
import { Duplex } from 'node:stream'
import type { DomainState } from '../../contract/index.ts'
import { Emitter } from '../../base/emitter.ts'
import type { SharedLine } from '../share/shared-line.ts'
import { GuestSoftware } from './guest-software.ts'

/** `deaf` ignores the power button, as a guest without an operating system does. */
export type Guest = 'obeys' | 'deaf'

export interface Machine {
  readonly key: string
  name: string
  xml: string
  state: DomainState
  reason: string | null
  autostart: boolean
  guest: Guest
  /** When it was started, epoch milliseconds. */
  startedAt: number
  line: SharedLine | null
  /** A stranger on the serial line. */
  lineHolder: string | null
  /** What tests install in the guest. */
  readonly software: GuestSoftware
}

export class MemoryHost {
  readonly machines = new Map<string, Machine>()
  readonly #changed = new Emitter<string>()
  readonly #reachable = new Emitter<boolean>()
  readonly #guest = new Emitter<string>()
  /** Fires with a machine's key. */
  readonly onChange = this.#changed.event
  readonly onReachable = this.#reachable.event
  /** Fires with the key of a machine whose channels changed, in its definition or inside. */
  readonly onGuest = this.#guest.event
  /** What new machines run. */
  guest: Guest = 'obeys'
  #up = true

  get reachable(): boolean {
    return this.#up
  }

  /** Tests pull this plug. */
  setReachable(up: boolean): void {
    this.#up = up
    this.#reachable.fire(up)
  }

  add(name: string, xml = domainXml(name, randomUUID()), key: string = uuidOf(xml)): Machine {
    const machine: Machine = {
      key,
      name,
      xml,
      state: 'shutoff',
      reason: null,
      autostart: false,
      guest: this.guest,
      startedAt: 0,
      line: null,
      lineHolder: null,
      software: new GuestSoftware(),
    }
    machine.software.onChange(() => this.tellGuest(key))
    this.machines.set(key, machine)
    this.#changed.fire(key)
    return machine
  }

  remove(key: string): void {
    const machine = this.machines.get(key)
    this.machines.delete(key)
    machine?.line?.close()
    machine?.software.closeLines()
    this.#changed.fire(key)
  }

  enter(machine: Machine, state: DomainState, reason: string | null = null): void {
    if (state === 'running' && !['paused', 'suspended'].includes(machine.state)) machine.startedAt = Date.now()
    machine.state = state
    machine.reason = reason
    if (['shutoff', 'saved', 'crashed'].includes(state)) {
      machine.line?.close()
      machine.line = null
      machine.software.closeLines()
    }
    this.#changed.fire(machine.key)
    this.tellGuest(machine.key)
  }

  tellGuest(key: string): void {
    this.#guest.fire(key)
  }

  touch(machine: Machine): void {
    this.#changed.fire(machine.key)
  }
}

const uuidOf = (xml: string): string => /<uuid>([^<]+)<\/uuid>/.exec(xml)?.[1] ?? randomUUID()

/** A small definition; `name` must need no escaping. */
export const domainXml = (name: string, uuid: string): string => `<domain type='test'>
  <name>${name}</name>
  <uuid>${uuid}</uuid>
  <memory unit='KiB'>131072</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <serial type='pty'><target port='0'/></serial>
  </devices>
</domain>
`

/** A guest whose serial line says what it hears. */
export const echoLine = (): Duplex => {
  const line = new Duplex({
    read() {},
    write(bytes: Buffer, _encoding, done) {
      line.push(bytes)
      done()
    },
  })
  return line
}
