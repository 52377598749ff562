import type { AppError, ByteStream } from '@vireo/app-main/contract'
import { type KeeperState, StreamKeeper } from '../console/stream-keeper.ts'
import { type RfbListener, RfbView } from './rfb-view.ts'
import { GARBAGE, HANDSHAKE_MS, REFUSED, SILENT, type ScreenSnapshot } from './screen-state.ts'

/** What a session needs from outside. */
export interface ScreenSource {
  open(): Promise<ByteStream>
  /** The password the host knows, null when it knows none. */
  password(): Promise<string | null>
  /** Text that the guest copied. */
  onClipboard(text: string): void
}

/** Keeps one machine's screen connected while the machine runs: opens, asks for the password, reconnects. */
export class ScreenSession {
  #snapshot: ScreenSnapshot = { state: { kind: 'off' }, name: null, size: null }
  readonly #listeners = new Set<() => void>()
  readonly #source: ScreenSource
  readonly #target: HTMLElement
  readonly #keeper: StreamKeeper
  #view: RfbView | null = null
  /** The host's password was asked for on this connection. */
  #passwordTried = false
  #passwordSent = false
  /** A password was refused: from now on the person is asked. */
  #passwordRefused = false
  #viewOnly = false
  #resizeGuest = false
  #handshake: ReturnType<typeof setTimeout> | undefined

  constructor(target: HTMLElement, source: ScreenSource) {
    this.#target = target
    this.#source = source
    this.#keeper = new StreamKeeper({
      open: () => source.open(),
      opened: stream => this.#opened(stream),
      changed: state => this.#changed(state),
    })
  }

  get snapshot(): ScreenSnapshot {
    return this.#snapshot
  }

  /** The live session, null unless connected. */
  get view(): RfbView | null {
    return this.#snapshot.state.kind === 'connected' ? this.#view : null
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  setAlive(alive: boolean): void {
    this.#keeper.setAlive(alive)
  }

  retry(): void {
    this.#keeper.retry()
  }

  givePassword(credentials: { username?: string; password: string }): void {
    if (this.#snapshot.state.kind !== 'password' || !this.#view) return
    this.#passwordSent = true
    this.#change({ state: { kind: 'open' } })
    this.#view.rfb.sendCredentials(credentials)
  }

  setViewOnly(viewOnly: boolean): void {
    this.#viewOnly = viewOnly
    if (this.#view) this.#view.rfb.viewOnly = viewOnly
  }

  setResizeGuest(resize: boolean): void {
    this.#resizeGuest = resize
    if (this.#view) this.#view.rfb.resizeSession = resize
  }

  dispose(): void {
    this.#listeners.clear()
    this.#keeper.dispose()
    clearTimeout(this.#handshake)
  }

  #opened(stream: ByteStream): void {
    this.#passwordTried = false
    this.#passwordSent = false
    const options = { viewOnly: this.#viewOnly, resizeGuest: this.#resizeGuest }
    try {
      const view = new RfbView(
        this.#target,
        stream,
        options,
        this.#listener(() => view),
      )
      this.#view = view
    } catch (error) {
      stream.close()
      throw error
    }
  }

  #changed(state: KeeperState): void {
    if (state.kind === 'open') return this.#change({ state })
    const view = this.#view
    this.#view = null
    view?.close()
    this.#snapshot = { state, name: null, size: null }
    this.#tell()
  }

  /** Only what the view of now says is heard. */
  #listener(from: () => RfbView): RfbListener {
    const now = <A extends readonly unknown[]>(act: (...given: A) => void) => {
      return (...given: A): void => {
        if (this.#view === from()) act(...given)
      }
    }
    return {
      connected: now(() => {
        this.#keeper.proven()
        this.#passwordRefused = false
        this.#change({ state: { kind: 'connected' } })
      }),
      passwordNeeded: now(types => void this.#authenticate(from(), types)),
      passwordRefused: now(reason => this.#refused(reason)),
      ended: now(({ fault, error }) => this.#ended(fault ? GARBAGE : (error ?? null))),
      named: now(name => this.#change({ name })),
      clipboard: now(text => this.#source.onClipboard(text)),
      resized: now((width, height) => this.#change({ size: { width, height } })),
    }
  }

  /** First the password that the host knows, then the person's. */
  async #authenticate(view: RfbView, types: readonly string[]): Promise<void> {
    const user = types.includes('username')
    if (!this.#passwordTried && !this.#passwordRefused && !user) {
      this.#passwordTried = true
      // Without rights to read it, the person may still know it.
      const password = await this.#source.password().catch(() => null)
      if (view !== this.#view) return
      if (password !== null) {
        this.#passwordSent = true
        return view.rfb.sendCredentials({ password })
      }
    }
    this.#change({ state: { kind: 'password', wrong: this.#passwordRefused, user } })
  }

  /** A refusal without a password having been sent will not go away by asking for one. */
  #refused(reason: string | null): void {
    if (this.#passwordSent) this.#passwordRefused = true
    else this.#keeper.ended({ kind: 'refused', message: reason ?? REFUSED })
  }

  /** A server that refuses a password hangs up: the next attempt asks the person. */
  #ended(error: AppError | null): void {
    if (this.#passwordRefused) this.#keeper.retry()
    else this.#keeper.ended(error)
  }

  /** Bytes flow but there is no picture yet: that must not last for ever. */
  #watchHandshake(): void {
    clearTimeout(this.#handshake)
    if (this.#snapshot.state.kind !== 'open') return
    this.#handshake = setTimeout(() => this.#keeper.ended(SILENT), HANDSHAKE_MS)
  }

  #change(change: Partial<ScreenSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change }
    this.#tell()
  }

  #tell(): void {
    this.#watchHandshake()
    for (const listener of [...this.#listeners]) listener()
  }
}
