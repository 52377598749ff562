/** `vireo forward run`: forwards for as long as it runs, where neither window nor server does. */
import { RemoteError, type Forward } from '../../contract/index.ts'
import { FORWARD_FORMATTERS } from './forward-output.ts'
import type { Parts } from './parts.ts'
import { Session } from './session.ts'
import { note, print } from './terminal.ts'

const untilSignal = (): Promise<void> =>
  new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })

export const forwardRunCommand = async (
  _args: readonly string[],
  options: Readonly<Record<string, unknown>>,
  parts: Parts,
): Promise<number> => {
  const ended = untilSignal()
  const asked = options['connection']
  const connections = Array.isArray(asked) ? asked.filter(uri => typeof uri === 'string') : undefined
  const backend = await parts.createBackend({ connections, forwards: true })
  const session = new Session(backend, connections !== undefined)
  let said = ''
  const say = async (): Promise<void> => {
    const all: readonly Forward[] = await session.known('forward', 'list')
    // How many connections are open is no news.
    const text = FORWARD_FORMATTERS['forward.list'](all.map(one => ({ ...one, connections: 0 })))
    if (text !== said) print(`${text}\n`)
    said = text
  }
  const tell = () =>
    void say().catch((error: unknown) => note(`vireo: ${error instanceof Error ? error.message : String(error)}`))
  const listening = backend.onEvent(({ room }) => (room === 'forward' ? tell() : undefined))
  // Nothing else may hold the process: a timer that does nothing does.
  const stay = setInterval(() => undefined, 2 ** 30)
  try {
    await session.known('connection', 'list')
    // A file that cannot be understood is said, and nothing else would come of it.
    const damaged = await session.known('forward', 'list').then(
      () => null,
      (error: unknown) => error,
    )
    if (damaged instanceof RemoteError) throw damaged
    if (process.stdout.isTTY) note('Ctrl+C ends it.')
    tell()
    await ended
    return 0
  } finally {
    clearInterval(stay)
    listening.dispose()
    session.dispose()
  }
}
