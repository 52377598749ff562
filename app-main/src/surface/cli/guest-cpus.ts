/** `vireo guest cpus`: the processors that a guest sees, and which of them it is to use. */
import { RemoteError } from '../../contract/index.ts'
import { humanOutput } from './output.ts'
import type { Parts } from './parts.ts'
import { print } from './terminal.ts'
import { withMachine } from './with-machine.ts'

/** As many as a guest may have. */
const MOST = 4096

/** Numbers and ranges, as in `1,4-7`. Throws `invalid-input`. */
export const cpuNumbers = (given: unknown, flag: string): number[] => {
  if (typeof given !== 'string') return []
  const wrong = () =>
    new RemoteError({ kind: 'invalid-input', message: `${flag}: must be numbers of processors, for instance 1,4-7.` })
  return given.split(',').flatMap(part => {
    const range = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim())
    const [first, last] = [Number(range?.[1]), Number(range?.[2] ?? range?.[1])]
    if (!(first <= last && last < MOST)) throw wrong()
    return Array.from({ length: last - first + 1 }, (_, at) => first + at)
  })
}

/** `vireo guest cpus NAME [--online LIST] [--offline LIST]` */
export const cpusCommand = (
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  parts: Parts,
): Promise<number> => {
  const online = cpuNumbers(options['online'], '--online')
  const offline = cpuNumbers(options['offline'], '--offline')
  const connections = options['connection'] as readonly string[] | undefined
  return withMachine(parts, { name: words[0] ?? '', connections }, async (session, { id }) => {
    if (online.length + offline.length > 0) await session.known('guest', 'setCpus', { id, online, offline })
    const cpus = await session.known('guest', 'cpus', { id })
    print(options['json'] === true ? JSON.stringify(cpus) : humanOutput('guest', 'cpus', cpus))
    return 0
  })
}
