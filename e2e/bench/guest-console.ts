/** A guest's console in the hands of somebody who floods it: `vireo serve`'s WebSocket, or a program on a terminal. */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ByteStream } from '../../app-main/src/contract/index.ts'
import { openLine, type Line } from './console-reader.ts'
import { talk } from './peer.ts'
import type { WebClient } from './web-client.ts'

const PROMPT = 'vireo# '
/** What stands in every line of the flood and in no command. */
const FILLER = '-----'

/** How long a key is waited for, milliseconds. */
const LOST_MS = 2000

export interface GuestFlood {
  /** What is typed, without the end of the line. */
  readonly typed: string
  /** What the guest says a while after the flood, so that it comes through where the flood did not. */
  readonly mark: string
}

/** What came of a flood. */
export interface Arrival {
  /** From its first piece to its last. */
  readonly ms: number
  /** Whole lines. */
  readonly lines: number
  /** Did the numbers only go up? */
  readonly ordered: boolean
}

export interface GuestConsole {
  flood(flood: GuestFlood): Promise<Arrival>
  /** Starts what floods without end, types so many keys in it and ends it. Milliseconds; 2000 for a key that never came back. */
  echo(typed: string, samples: number): Promise<readonly number[]>
  close(): Promise<void>
}

interface Piece {
  readonly at: number
  readonly text: string
}

/** Collects a line's bytes and waits for words in them. */
const listenTo = (line: ByteStream) => {
  let pieces: Piece[] = []
  let heard = (): void => undefined
  line.onData((bytes, done) => {
    pieces.push({ at: performance.now(), text: Buffer.from(bytes).toString('latin1') })
    done()
    heard()
  })
  /** The pieces up to the one that holds the end of `wanted`; undefined when it does not come. */
  return async (wanted: string, milliseconds: number): Promise<readonly Piece[] | undefined> =>
    new Promise(resolve => {
      let [tail, seen] = ['', 0]
      const end = (found?: readonly Piece[]) => {
        clearTimeout(timer)
        heard = () => undefined
        resolve(found)
      }
      const timer = setTimeout(() => end(), milliseconds)
      heard = () => {
        for (; seen < pieces.length; seen++) {
          const text = pieces[seen]?.text ?? ''
          if (!(tail + text).includes(wanted)) {
            tail = (tail + text).slice(-wanted.length)
            continue
          }
          const found = pieces.slice(0, seen + 1)
          pieces = pieces.slice(seen + 1)
          return end(found)
        }
      }
      heard()
    })
}

/** Counts what is whole in it; unit-tested, because it decides about loss. */
export const judge = (pieces: readonly Piece[]): Arrival => {
  const flooded = pieces.filter(({ text }) => text.includes(FILLER))
  const text = pieces.map(piece => piece.text).join('')
  const numbers = [...text.matchAll(/^(\d{8}) -{53}\r*$/gm)].map(([, number]) => Number(number))
  return {
    ms: (flooded.at(-1)?.at ?? 0) - (flooded[0]?.at ?? 0),
    lines: numbers.length,
    ordered: numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0)),
  }
}

/** Through `vireo serve` to a WebSocket client in this process. */
export const consoleByWebSocket = async (client: WebClient, from: Line): Promise<GuestConsole> => {
  const line = await openLine(client, from)
  const until = listenTo(line)
  const type = async (text: string) => line.write(new TextEncoder().encode(text))
  const prompt = async (key: string) => {
    for (let turn = 0; turn < 30; turn++) {
      await type(key)
      if (!(await until(PROMPT, 500))) continue
      // The rest of what earlier keys gave.
      while (await until(PROMPT, 200));
      return
    }
    throw new Error("the guest's shell does not answer")
  }
  try {
    await prompt('\r')
  } catch (error) {
    line.close()
    throw error
  }
  return {
    async flood({ typed, mark }) {
      await type(`${typed}\r`)
      const pieces = await until(mark, 30_000)
      if (!pieces) throw new Error('the end of the flood did not come')
      return judge(pieces)
    },
    async echo(typed, samples) {
      await type(`${typed}\r`)
      await until(FILLER, 5000)
      const times: number[] = []
      for (let turn = 0; turn < samples; turn++) {
        const start = performance.now()
        await type('@')
        const at = (await until('@', LOST_MS))?.at(-1)?.at
        times.push(at === undefined ? LOST_MS : at - start)
        await until('@', 50)
      }
      await prompt('\u0003')
      return times
    },
    close: async () => {
      line.close()
      await line.closed
    },
  }
}

/** By a console program on a terminal of its own. */
export const consoleByProgram = async (
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Promise<GuestConsole> => {
  const script = join(dirname(fileURLToPath(import.meta.url)), 'peer-console.py')
  const child = spawn('/usr/bin/python3', [script, command, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env, LC_ALL: 'C.UTF-8', TERM: 'xterm' },
  })
  const { write, hear, end } = talk(command, child)
  const ask = async (question: object): Promise<unknown> => {
    write(`${JSON.stringify(question)}\n`)
    return JSON.parse(await hear(said => said.endsWith('\n')))
  }
  try {
    await hear(said => said.endsWith('\n'))
  } catch (error) {
    await end()
    throw error
  }
  return {
    flood: async flood => (await ask({ do: 'flood', ...flood })) as Arrival,
    echo: async (typed, samples) => ((await ask({ do: 'echo', typed, samples })) as { times: number[] }).times,
    close: end,
  }
}
