/** `vireo cp`: files into a machine and out of it. */
import { RemoteError } from '../../contract/index.ts'
import { parsePlace, type Place } from './copy-place.ts'
import { download } from './download.ts'
import type { Parts } from './parts.ts'
import { upload } from './upload.ts'
import { withMachine } from './with-machine.ts'

export interface CopyOptions {
  /** Goes on where an interrupted copy of the same source stopped. */
  readonly resume: boolean
  readonly force: boolean
  readonly recursive: boolean
}

const wrong = (message: string, hint?: string): RemoteError =>
  new RemoteError({ kind: 'invalid-input', message, ...(hint === undefined ? {} : { hint }) })

const check = (from: Place, to: Place, { recursive }: CopyOptions): void => {
  const usage = 'As in: vireo cp web-1:/etc/hosts . or vireo cp hosts web-1:/etc/hosts'
  if (from.kind !== 'guest' && to.kind !== 'guest') throw wrong('Neither place is in a machine.', usage)
  if (from.kind === 'guest' && to.kind === 'guest') throw wrong('Both places are in machines.', 'Copy it here first.')
  const piped = from.kind === 'pipe' || to.kind === 'pipe'
  if (piped && recursive) throw wrong('A folder does not go through a pipe.')
}

export const copyCommand = (
  words: readonly string[],
  options: Readonly<Record<string, unknown>>,
  parts: Parts,
): Promise<number> => {
  const [from, to] = [parsePlace(words[0] ?? ''), parsePlace(words[1] ?? '')]
  const how: CopyOptions = {
    resume: options['resume'] !== false,
    force: options['force'] === true,
    recursive: options['recursive'] === true,
  }
  check(from, to, how)
  const connections = options['connection'] as readonly string[] | undefined
  const name = from.kind === 'guest' ? from.machine : to.kind === 'guest' ? to.machine : ''
  return withMachine(parts, { name, connections }, async (session, { id }) => {
    if (from.kind === 'guest' && to.kind !== 'guest') await download({ session, id }, from.path, to, how)
    else if (from.kind !== 'guest' && to.kind === 'guest') await upload({ session, id }, from, to.path, how)
    return 0
  })
}
