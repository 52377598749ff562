/** What a page with a terminal is asked about a flood, from the inside. */
import type { Page } from '@playwright/test'

export interface TerminalWatch {
  /** `performance.now()` of the flood's first message since `begin`. */
  first: number
  /** Bytes that came since `begin`. */
  bytes: number
  /** When messages with a question came, and when the terminal, having parsed so far, answered. */
  asked: number[]
  answered: number[]
  /** The last answer's text. */
  answer: string
  /** When Enter was pressed, as the event says. */
  entered: number[]
  /** Milliseconds from frame to frame. */
  frames: number[]
  begin(): void
}

declare global {
  interface Window {
    watch: TerminalWatch
  }
}

/**
 * Runs in the page before its own code, and stands by itself. Sockets that would open a serial line open `channel` of the
 * same machine instead, if one is given: the flood of `floodDomain` is a channel, the window shows consoles.
 */
export const watchTerminal = (channel: string | null): void => {
  const watch: TerminalWatch = {
    ...{ first: 0, bytes: 0, asked: [], answered: [], answer: '', entered: [], frames: [] },
    begin() {
      Object.assign(watch, { first: 0, bytes: 0, asked: [], answered: [], answer: '', entered: [], frames: [] })
    },
  }
  window.watch = watch
  let last = performance.now()
  const frame = (): void => {
    const now = performance.now()
    watch.frames.push(now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
  window.addEventListener('keydown', event => event.key === 'Enter' && watch.entered.push(event.timeStamp), {
    capture: true,
  })
  const instead = (given: string | URL): string | URL => {
    const url = new URL(given, location.href.replace(/^http/, 'ws'))
    if (channel === null || url.pathname !== '/stream/domain/serial') return given
    url.pathname = '/stream/domain/channel'
    return url
  }
  /** The hello of a socket that opens the channel instead. */
  const renamed = (url: string, text: string): string => {
    if (channel === null || !new URL(url).pathname.endsWith('/domain/channel') || !text.includes('"hello"')) return text
    const { t, input } = JSON.parse(text) as { t: string; input: { id: string } }
    return JSON.stringify({ t, input: { id: input.id, name: channel } })
  }
  const heard = ({ data }: MessageEvent<unknown>): void => {
    if (!(data instanceof ArrayBuffer)) return
    watch.first ||= performance.now()
    watch.bytes += data.byteLength
    // The flood itself has no escape.
    if (new Uint8Array(data).includes(0x1b)) watch.asked.push(performance.now())
  }
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(instead(url), protocols)
      this.addEventListener('message', heard)
    }
    override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBuffer>): void {
      if (ArrayBuffer.isView(data)) {
        const text = new TextDecoder().decode(data)
        if (text.startsWith('\u001b[')) {
          watch.answered.push(performance.now())
          watch.answer = text
        }
      }
      super.send(typeof data === 'string' ? renamed(this.url, data) : (data as ArrayBuffer))
    }
  }
}

/** Types a command of the program that floods. */
const type = async (page: Page, command: string): Promise<void> => {
  await page.keyboard.type(command)
  await page.keyboard.press('Enter')
}

const answered = async (page: Page, count: number): Promise<void> => {
  await page.waitForFunction(wanted => window.watch.answered.length >= wanted, count, { polling: 50, timeout: 60_000 })
}

/** Columns and rows of the terminal that has the keyboard. */
export const terminalSize = async (page: Page): Promise<{ cols: number; rows: number }> => {
  await page.evaluate(() => window.watch.begin())
  await type(page, 'size')
  await answered(page, 1)
  const [, rows, cols] = /(\d+);(\d+)R/.exec(await page.evaluate(() => window.watch.answer)) ?? []
  return { cols: Number(cols), rows: Number(rows) }
}

export interface Shown {
  /** From the first message to the terminal's answer to the last. */
  readonly ms: number
  readonly bytes: number
  readonly frames: readonly number[]
}

/** Floods a terminal with so many lines and waits until it has parsed all of them. */
export const showFlood = async (page: Page, lines: number): Promise<Shown> => {
  await page.evaluate(() => window.watch.begin())
  await type(page, `shown ${lines}`)
  await answered(page, 1)
  return page.evaluate(() => {
    const { first, bytes, answered: times, frames } = window.watch
    return { ms: (times[0] ?? Number.NaN) - first, bytes, frames }
  })
}

export interface TypedEcho {
  /** From the key to the message with its echo. */
  readonly came: readonly number[]
  /** From the key to the terminal having parsed it. */
  readonly parsed: readonly number[]
}

/** Types in the midst of an endless flood. */
export const typeInFlood = async (page: Page, samples: number): Promise<TypedEcho> => {
  await type(page, 'flood 0')
  await page.waitForTimeout(2000)
  const [came, parsed]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < samples; turn++) {
    await page.evaluate(() => window.watch.begin())
    await type(page, `#${turn}`)
    await answered(page, 1)
    const times = await page.evaluate(() => [window.watch.entered[0], window.watch.asked[0], window.watch.answered[0]])
    const [entered = Number.NaN, asked = Number.NaN, answer = Number.NaN] = times
    came.push(asked - entered)
    parsed.push(answer - entered)
    await page.waitForTimeout(100)
  }
  await type(page, 'stop')
  return { came, parsed }
}
