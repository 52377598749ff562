/** `vireo guest top`: what happens inside a machine, until `q`. */
import { RemoteError, type DomainId, type GuestProcess, type GuestTelemetry } from '../../contract/index.ts'
import { numberOption } from './own-commands.ts'
import type { Parts } from './parts.ts'
import { rawTerminal } from './raw-terminal.ts'
import type { Session } from './session.ts'
import { telemetryLines } from './telemetry-text.ts'
import { print } from './terminal.ts'
import { withMachine } from './with-machine.ts'

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const CTRL_C = 0x03
/** Asking costs nothing here: it only looks at what has come. */
const LOOK_MS = 250

interface Watched {
  readonly session: Session
  readonly id: DomainId
  readonly name: string
  readonly intervalSeconds: number
}

/** Every sample once, as it comes, until the signal aborts. */
const samples = async function* (watched: Watched, signal: AbortSignal): AsyncGenerator<GuestTelemetry> {
  const { session, id, intervalSeconds } = watched
  let since = Date.now() - 1
  while (!signal.aborted) {
    const [found] = await session.known('guest', 'telemetry', { ids: [id], since, intervalSeconds })
    for (const sample of found?.samples ?? []) {
      since = Math.max(since, sample.at)
      yield sample
    }
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, LOOK_MS)
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })
  }
}

/** Null from then on where the agent cannot tell. */
const processesOf = async ({ session, id }: Watched): Promise<readonly GuestProcess[] | null> => {
  try {
    return await session.known('guest', 'processes', { id })
  } catch (error) {
    if (error instanceof RemoteError && error.detail.kind === 'unsupported') return null
    throw error
  }
}

const draw = (lines: readonly string[]): void => {
  const rows = process.stdout.rows || 24
  const shown = lines.slice(0, rows - 1)
  process.stdout.write(`\u001b[H${shown.map(line => `${line}\u001b[K`).join('\r\n')}\u001b[J`)
}

const onScreen = async (watched: Watched, controller: AbortController): Promise<void> => {
  const restore = rawTerminal()
  const onKey = (keys: Buffer) => {
    if (keys.includes('q') || keys.includes(CTRL_C)) controller.abort()
  }
  process.stdin.on('data', onKey)
  process.stdout.write(ENTER)
  try {
    let before: GuestTelemetry | null = null
    let processes: readonly GuestProcess[] | null = []
    for await (const sample of samples(watched, controller.signal)) {
      if (processes !== null) processes = await processesOf(watched)
      if (controller.signal.aborted) return
      draw(telemetryLines({ name: watched.name, sample, before, processes: processes ?? [] }, process.stdout.columns))
      before = sample
    }
  } finally {
    process.stdout.write(LEAVE)
    process.stdin.off('data', onKey).pause()
    restore()
  }
}

const asLines = async (watched: Watched, controller: AbortController, asJson: boolean): Promise<void> => {
  let before: GuestTelemetry | null = null
  for await (const sample of samples(watched, controller.signal)) {
    if (asJson) print(JSON.stringify(sample))
    else print(`${telemetryLines({ name: watched.name, sample, before, processes: [] }, 200).join('\n')}\n`)
    before = sample
  }
}

export const topCommand = (
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  parts: Parts,
): Promise<number> => {
  const intervalSeconds = numberOption(options['interval'], '--interval', 1, 60) ?? 2
  const asJson = options['json'] === true
  const connections = options['connection'] as readonly string[] | undefined
  return withMachine(parts, { name: words[0] ?? '', connections }, async (session, { id, name }) => {
    const controller = new AbortController()
    const stop = () => controller.abort()
    process.on('SIGINT', stop).on('SIGTERM', stop)
    try {
      // Says at once why there will be nothing to see.
      await session.call('guest', 'info', { id }, controller.signal)
      const watched = { session, id, name, intervalSeconds }
      const screen = process.stdout.isTTY && process.stdin.isTTY && !asJson
      await (screen ? onScreen(watched, controller) : asLines(watched, controller, asJson))
      return 0
    } finally {
      process.off('SIGINT', stop).off('SIGTERM', stop)
    }
  })
}
