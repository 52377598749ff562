import RFB from '@novnc/novnc'
import { initLogging } from '@novnc/novnc/core/util/logging.js'
import type { AppError, ByteStream } from '@vireo/app-main/contract'
import { boundText } from './bound-text.ts'
import { rfbChannel } from './rfb-channel.ts'

// What servers and guests do wrong is told by the listener's events; the console is not theirs to fill.
initLogging('none')

export interface RfbOptions {
  readonly viewOnly: boolean
  readonly resizeGuest: boolean
}

/** What a screen tells its owner. Texts come from a guest or a stranger: bounded, and only ever to be shown as text. */
export interface RfbListener {
  connected(): void
  passwordNeeded(types: readonly string[]): void
  passwordRefused(reason: string | null): void
  /** Comes once. `fault`: the server sent what no VNC server sends. `error`: why the stream ended, undefined for a clean end. */
  ended(end: { fault: boolean; error: AppError | undefined }): void
  named(name: string): void
  clipboard(text: string): void
  resized(width: number, height: number): void
}

/** One VNC session drawn inside one element. Everything noVNC throws is caught here. */
export class RfbView {
  readonly rfb: RFB
  #ended = false
  readonly #stream: ByteStream
  readonly #listener: RfbListener
  readonly #sizes: MutationObserver
  readonly #target: HTMLElement

  constructor(target: HTMLElement, stream: ByteStream, options: RfbOptions, listener: RfbListener) {
    this.#stream = stream
    this.#listener = listener
    this.#target = target
    this.#sizes = new MutationObserver(() => this.#measure())
    // Before the channel's own: the end of a stream is no fault of the server, although noVNC takes an early one for it.
    void stream.closed.then(error => this.#end({ fault: false, error }))
    const { channel, start } = rfbChannel(stream, () => this.#end({ fault: true, error: undefined }))
    this.rfb = new RFB(target, channel, { shared: true })
    this.rfb.scaleViewport = true
    this.rfb.resizeSession = options.resizeGuest
    this.rfb.viewOnly = options.viewOnly
    this.rfb.background = 'transparent'
    this.#listen()
    if (this.canvas) {
      this.#sizes.observe(this.canvas, { attributes: true, attributeFilter: ['width', 'height'] })
      // noVNC leaves it to the pointer; the release chord leads out again.
      this.canvas.tabIndex = 0
    }
    start()
  }

  get canvas(): HTMLCanvasElement | null {
    return this.#target.querySelector('canvas')
  }

  /** The guest's picture as PNG, null when there is none. */
  picture(): Promise<Blob | null> {
    return new Promise(resolve => this.rfb.toBlob(resolve, 'image/png'))
  }

  close(): void {
    this.#end(null)
  }

  #listen(): void {
    const { rfb } = this
    rfb.addEventListener('connect', () => {
      this.#measure()
      this.#listener.connected()
    })
    rfb.addEventListener('credentialsrequired', event => this.#listener.passwordNeeded(event.detail.types))
    rfb.addEventListener('securityfailure', event => {
      const reason = boundText(event.detail.reason ?? '', 500)
      this.#listener.passwordRefused(reason || null)
    })
    rfb.addEventListener('desktopname', event => this.#listener.named(boundText(event.detail.name, 200)))
    rfb.addEventListener('clipboard', event => this.#listener.clipboard(event.detail.text))
    // A server that wants its key compared by eye: no machine of libvirt does, and a click would teach the wrong habit.
    rfb.addEventListener('serververification', () => this.#end({ fault: true, error: undefined }))
    rfb.addEventListener('disconnect', event => {
      if (!event.detail.clean) this.#end({ fault: true, error: undefined })
    })
  }

  #measure(): void {
    const canvas = this.canvas
    if (canvas && canvas.width > 0) this.#listener.resized(canvas.width, canvas.height)
  }

  #end(end: Parameters<RfbListener['ended']>[0] | null): void {
    if (this.#ended) return
    this.#ended = true
    this.#sizes.disconnect()
    try {
      this.rfb?.disconnect()
    } finally {
      this.#stream.close()
    }
    if (end) this.#listener.ended(end)
  }
}
