/**
 * Exclusive consoles and channels, shared between all consumers in this process and all Vireo processes of this user.
 *
 * The hypervisor allows one holder; that exclusiveness is the only lock. Whoever gets the raw line is the holder and
 * listens on a socket for the others. When the holder goes, the others race for the raw line and one of them wins.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { RemoteError } from '../../contract/index.ts'
import type { Disposable } from '../../base/disposable.ts'
import { runtimeFolder } from '../../base/runtime-folder.ts'
import { Relay } from './relay.ts'
import { SharedLine } from './shared-line.ts'
import { holdSocket, type HeldSocket } from './socket-holder.ts'
import { joinSocket } from './socket-guest.ts'

export interface LineName {
  readonly uri: string
  readonly key: string
  /** Which line of the domain, for instance `serial:serial0`. */
  readonly line: string
}

interface Place {
  readonly uri: string
  /** The socket where its holder listens. */
  readonly path: string
}

/** Opens the raw line. Rejects with kind `busy` when somebody has it; `force` takes it from them. */
export type OpenRaw = (options: { force: boolean }) => Promise<Duplex>

interface Held {
  readonly uri: string
  readonly line: SharedLine
  readonly server: HeldSocket
}

/** A holder listens a moment after it got the raw line: that long a busy line may still become a shared one. */
const RACE_MS = 1000
/** When a holder left, all its guests race at once, and the daemon needs its time to let the line go. */
const HANDOVER_MS = 5000
const PAUSE_MS = 100

export class SharedLines implements Disposable {
  readonly #held = new Map<string, Promise<Held>>()
  readonly #folder: () => Promise<string>

  constructor(folder: () => Promise<string> = runtimeFolder) {
    this.#folder = folder
  }

  /** A stream of its own for the caller. Rejects with kind `busy` when a stranger holds the line and `takeOver` is false. */
  async open(name: LineName, openRaw: OpenRaw, options: { takeOver: boolean }): Promise<Duplex> {
    const place = { uri: name.uri, path: join(await this.#folder(), socketName(name)) }
    const found = await this.#find(place, openRaw, options.takeOver, RACE_MS)
    return new Relay(found, () => this.#find(place, openRaw, false, HANDOVER_MS))
  }

  dispose(): void {
    void this.#leave(() => true)
  }

  /** Ends the lines of a connection here; other processes go on with them. */
  leave(uri: string): void {
    void this.#leave(held => held.uri === uri)
  }

  async #leave(chosen: (held: Held) => boolean): Promise<void> {
    await Promise.all(
      [...this.#held.values()].map(async attempt => {
        const held = await attempt.catch(() => undefined)
        if (held === undefined || !chosen(held)) return
        await held.server.leave()
        held.line.close()
      }),
    )
  }

  async #find(place: Place, openRaw: OpenRaw, takeOver: boolean, patienceMs: number): Promise<Duplex> {
    for (let tries = 0; ; tries++) {
      try {
        return (await this.#join(place.path, takeOver)) ?? (await this.#hold(place, openRaw, takeOver && tries === 0))
      } catch (error) {
        if (!isBusy(error) || tries * PAUSE_MS >= patienceMs) throw error
        await sleep(PAUSE_MS)
      }
    }
  }

  async #join(path: string, takeOver: boolean): Promise<Duplex | null> {
    const mine = this.#held.get(path)
    if (mine !== undefined) return (await mine).line.attach()
    try {
      return await joinSocket(path)
    } catch (error) {
      // A holder that hangs is what taking over is for.
      if (takeOver) return null
      throw error
    }
  }

  /** Becomes the holder. Callers that come meanwhile wait for the same attempt. */
  async #hold(place: Place, openRaw: OpenRaw, force: boolean): Promise<Duplex> {
    const { path } = place
    const present = this.#held.get(path)
    if (present !== undefined) return (await present).line.attach()
    const attempt = this.#start(place, openRaw, force)
    this.#held.set(path, attempt)
    try {
      const { line } = await attempt
      return line.attach()
    } catch (error) {
      this.#held.delete(path)
      throw error
    }
  }

  async #start(place: Place, openRaw: OpenRaw, force: boolean): Promise<Held> {
    const { path, uri } = place
    let server: HeldSocket | undefined
    const line = new SharedLine(await openRaw({ force }), () => {
      this.#held.delete(path)
      server?.close()
    })
    try {
      server = await holdSocket(path, () => line.attach())
    } catch (error) {
      line.close()
      throw error
    }
    if (line.ended) server.close()
    return { uri, line, server }
  }
}

/** Aliases and channel names are free text, and a socket's path may have 107 characters: so they are hashed. */
const socketName = ({ uri, key, line }: LineName): string =>
  `line-${createHash('sha256')
    .update(JSON.stringify([uri, key, line]))
    .digest('hex')
    .slice(0, 24)}.sock`

const isBusy = (error: unknown): boolean => error instanceof RemoteError && error.detail.kind === 'busy'
