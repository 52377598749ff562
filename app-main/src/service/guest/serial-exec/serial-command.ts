/** One command through the helper: sent, started, followed, and its output fetched while it runs. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Asking, ExecInput } from '@vireo/guest-agent-bridge/host'
import { RemoteError, type ExecEnd, type ExecSpec } from '../../../contract/index.ts'
import type { HelperTalk } from './helper-talk.ts'
import { outcomeOf, runScript } from './run-script.ts'

/** A line of text is slow: what is longer belongs into a file, or on another way. */
const MAX_STDIN = 256 * 1024
const MAX_OUTPUT = 4 * 1024 * 1024
const MAX_SCRIPT = 1024 * 1024
/** Between two looks, milliseconds: soon at first, rarely later, lest a person at the line sees nothing else. */
const FIRST_LOOK_MS = 50
const LAST_LOOK_MS = 2000
/** How long what is asked to end may take, and what is killed. */
const POLITE_MS = 2000
const GRACE_MS = 15_000

interface Progress {
  readonly sizes: { readonly out: number; readonly err: number }
  /** Null while it runs. */
  readonly end: string | null
  /** The guest's disk was full. */
  readonly lost: boolean
}

const KINDS = { out: 'stdout', err: 'stderr' } as const

/** Runs it. When its time is over or the caller gives up, its whole process group is killed. */
export const runOverSerial = async (
  talk: HelperTalk,
  spec: ExecSpec,
  input: ExecInput,
  { signal }: Asking,
): Promise<ExecEnd> => {
  const limit = Math.min(spec.maxOutputBytes, MAX_OUTPUT)
  const { text, file } = runScript(spec, limit + 1)
  if (text.length + (file?.length ?? 0) > MAX_SCRIPT) throw tooLong('command', MAX_SCRIPT)
  const stdin = await collected(input.stdin)
  if (file !== null) await talk.write('script', Buffer.from(file), signal)
  await talk.write('in', stdin, signal)
  await talk.write('run', Buffer.from(text), signal)
  const started = performance.now()
  await talk.ask('g', signal)
  const command = new Running(talk, limit, input.onOutput)
  const ended = await command.follow(started + spec.timeoutSeconds * 1000, signal)
  const end = ended ?? (await command.kill(signal))
  await command.deliver(end, signal)
  const durationMs = performance.now() - started
  const outcome = outcomeOf(end.end ?? '', spec)
  return { ...outcome, timedOut: ended === null, truncated: command.truncated || end.lost, durationMs }
}

class Running {
  readonly #talk: HelperTalk
  readonly #limit: number
  readonly #onOutput: ExecInput['onOutput']
  readonly #given = { out: 0, err: 0 }
  truncated = false

  constructor(talk: HelperTalk, limit: number, onOutput: ExecInput['onOutput']) {
    this.#talk = talk
    this.#limit = limit
    this.#onOutput = onOutput
  }

  /** Until its end; null when the time is over first. */
  async follow(deadline: number, signal: AbortSignal): Promise<Progress | null> {
    for (let pause = FIRST_LOOK_MS; ; pause = Math.min(LAST_LOOK_MS, pause * 1.5)) {
      const left = deadline - performance.now()
      if (left <= 0) return null
      await sleep(Math.min(pause, left), undefined, { signal }).catch(() => signal.throwIfAborted())
      const now = await this.#look(signal)
      if (now.end !== null) return now
      if (await this.deliver(now, signal)) pause = FIRST_LOOK_MS
    }
  }

  /** Asks the process group to end, then kills it. */
  async kill(signal: AbortSignal): Promise<Progress> {
    for (const [name, ms] of [
      ['TERM', POLITE_MS],
      ['KILL', GRACE_MS],
    ] as const) {
      await this.#talk.ask(`k ${name}`, signal)
      const ended = await this.follow(performance.now() + ms, signal)
      if (ended) return ended
    }
    throw new RemoteError({ kind: 'timeout', message: 'The command did not end in time, and it could not be killed.' })
  }

  /** Hands over what is new; tells whether there was anything. */
  async deliver({ sizes }: Progress, signal: AbortSignal): Promise<boolean> {
    let any = false
    for (const file of ['out', 'err'] as const) {
      if (sizes[file] > this.#limit) this.truncated = true
      const fresh = Math.min(sizes[file], this.#limit) - this.#given[file]
      if (fresh <= 0) continue
      any = true
      const bytes = await this.#talk.read(file, this.#given[file], fresh, signal)
      this.#given[file] += bytes.length
      await this.#onOutput(KINDS[file], bytes)
    }
    return any
  }

  async #look(signal: AbortSignal): Promise<Progress> {
    const { words } = await this.#talk.ask('p', signal)
    const match = /^(\d{1,9}) (\d{1,9}) ([\w-]{1,20}) (lost|whole)$/.exec(words)
    if (!match) throw new RemoteError({ kind: 'refused', message: 'The shell on the serial line talks nonsense.' })
    const [, out, err, end = '', room] = match
    return { sizes: { out: Number(out), err: Number(err) }, end: end === 'run' ? null : end, lost: room === 'lost' }
  }
}

const tooLong = (what: string, limit: number): RemoteError =>
  new RemoteError({
    kind: 'unsupported',
    message: `The serial line takes at most ${limit / 1024} KiB of ${what}.`,
    hint: 'Install an agent in the guest, or copy a file there first.',
  })

const collected = async (stdin: AsyncIterable<Uint8Array> | undefined): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of stdin ?? []) {
    length += part.length
    if (length > MAX_STDIN) throw tooLong('input', MAX_STDIN)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
