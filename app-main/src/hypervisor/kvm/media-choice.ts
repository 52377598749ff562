/** Which of a machine's drives a person means. */
import { RemoteError } from '../../contract/index.ts'
import type { DriveXml } from '../../libvirt/xml/media.ts'
import type { MediumChange } from '../media.ts'

const quote = (name: string): string => `“${name}”`
const named = (drives: readonly DriveXml[]): string => drives.map(({ target }) => target).join(', ')

const several = (what: string, drives: readonly DriveXml[]): RemoteError =>
  new RemoteError({
    kind: 'ambiguous',
    message: `${what}: ${named(drives)}.`,
    hint: 'Say which drive is meant.',
    candidates: drives.map(({ target }) => target),
  })

/**
 * Its target; null where the machine has no drive and one is to be added. `drives` are those that the machine has now.
 * Throws `not-found`, `ambiguous` and `precondition`.
 */
export const chosenDrive = (
  machine: string,
  drives: readonly DriveXml[],
  { drive, path }: Pick<MediumChange, 'drive' | 'path'>,
): string | null => {
  if (drive !== undefined) {
    if (drives.some(({ target }) => target === drive)) return drive
    const hint = drives.length === 0 ? 'It has none.' : `It has: ${named(drives)}.`
    throw new RemoteError({ kind: 'not-found', message: `${quote(machine)} has no CD drive ${quote(drive)}.`, hint })
  }
  const wanted = drives.filter(({ source }) => (path === null ? source !== null : source === null))
  if (path === null && wanted.length === 0)
    throw new RemoteError({ kind: 'precondition', message: `No drive of ${quote(machine)} holds a medium.` })
  const [first] = wanted
  if (path === null) {
    if (wanted.length > 1) throw several(`Several drives of ${quote(machine)} hold a medium`, wanted)
    return first?.target ?? null
  }
  // An empty drive is as good as any other; of full ones nobody knows which medium may go.
  if (first) return first.target
  if (drives.length > 1) throw several(`No drive of ${quote(machine)} is empty`, drives)
  return drives[0]?.target ?? null
}
