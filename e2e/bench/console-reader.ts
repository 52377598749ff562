/** Ways to read a flood from a machine's serial line, each of which opens the line for itself: it is exclusive. */
import { setTimeout as sleep } from 'node:timers/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ByteStream } from '../../app-main/src/contract/index.ts'
import { run } from '../fixture/run.ts'
import { LineCheck, LINE_BYTES } from './numbered-lines.ts'
import type { WebClient } from './web-client.ts'

/** Milliseconds; a suite that waits for what never comes must not cost the others their time. */
const DEADLINE = 60_000

export interface Flood {
  /** What is typed to get it, without the end of the line. */
  readonly command: string
  readonly lines: number
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Megabytes per second of a whole flood; a broken one throws. */
const rate = ({ lines }: Flood, ms: number): number => (lines * LINE_BYTES) / ms / 1000

const inTime = async <T>(what: string, work: Promise<T>): Promise<T> => {
  const late = new AbortController()
  const deadline = sleep(DEADLINE, undefined, { signal: late.signal }).then(() => {
    throw new Error(`${what} did not come within ${DEADLINE} ms`)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    late.abort()
    deadline.catch(() => undefined)
  }
}

/** A serial line or a channel, as the contract opens it. */
export interface Line {
  readonly kind: 'serial' | 'channel'
  readonly input: object
}

/** Opens a line; another reader that has just left may still hold it for a moment. */
export const openLine = async (client: WebClient, line: Line): Promise<ByteStream> => {
  for (let turn = 0; ; turn++) {
    try {
      return await client.open('domain', line.kind, line.input)
    } catch (error) {
      if (turn === 200) throw error
      await sleep(50)
    }
  }
}

/** Feeds `check` from where the flood begins; what the terminal echoed before that is no flood. */
const fromFirstLine = (check: LineCheck): ((bytes: Uint8Array) => void) => {
  let before = Buffer.alloc(0)
  let begun = false
  return bytes => {
    if (begun) return check.push(bytes)
    before = Buffer.concat([before, bytes])
    const at = before.indexOf('00000000 -')
    if (at < 0) return
    begun = true
    check.push(before.subarray(at))
  }
}

/** Through `vireo serve` to a WebSocket client in this process. */
export const readByWebSocket = async (client: WebClient, from: Line, flood: Flood): Promise<number> => {
  const line = await openLine(client, from)
  try {
    const check = new LineCheck()
    const take = fromFirstLine(check)
    let first = 0
    const complete = new Promise<number>(resolve =>
      line.onData((bytes, done) => {
        first ||= performance.now()
        take(bytes)
        done()
        if (check.lines >= flood.lines || check.broken !== undefined) resolve(performance.now() - first)
      }),
    )
    await line.write(encode(`${flood.command}\r`))
    const ms = await inTime('the flood', complete)
    if (check.broken !== undefined) throw new Error(`the flood was damaged: ${check.broken}`)
    return rate(flood, ms)
  } finally {
    line.close()
  }
}

/** By the official Python binding, where the line is a channel. */
export const readByPython = async (uri: string, domain: string, channel: string, flood: Flood): Promise<number> => {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'peer-channel.py')
  const said = await run('/usr/bin/python3', [script, uri, domain, channel, String(flood.lines)], {
    deadline: DEADLINE,
  })
  const { ms, whole } = JSON.parse(said) as { ms: number; whole: boolean }
  if (!whole) throw new Error('python3-libvirt lost or changed bytes of the flood')
  return rate(flood, ms)
}

/** Milliseconds from typing `word()` to the moment `word` comes back in the flood, one after the other. */
export const echoes = async (
  line: ByteStream,
  samples: number,
  ask: (turn: number) => { readonly typed: string; readonly echoed: string },
): Promise<number[]> => {
  let wanted = Buffer.alloc(0)
  let tail = Buffer.alloc(0)
  let heard = (): void => undefined
  line.onData((bytes, done) => {
    // A piece may cut the word in two.
    const text = Buffer.concat([tail, bytes])
    tail = Buffer.from(text.subarray(-32))
    if (wanted.length > 0 && text.includes(wanted)) heard()
    done()
  })
  const times: number[] = []
  await sleep(1000)
  for (let turn = 0; turn < samples; turn++) {
    const { typed, echoed } = ask(turn)
    tail = Buffer.alloc(0)
    wanted = Buffer.from(echoed)
    const start = performance.now()
    const back = new Promise<void>(resolve => (heard = resolve))
    await line.write(encode(typed))
    await inTime('the echo', back)
    times.push(performance.now() - start)
    wanted = Buffer.alloc(0)
    await sleep(50)
  }
  return times
}
