/** What a daemon says when a medium cannot be changed, in words that tell what to do. */
import { RemoteError } from '../../contract/index.ts'
import { toAppError, toRemoteError } from '../../libvirt/app-error.ts'

const LOCKED = /\bis locked and force\b|\btray\b/i
const MISSING = /no such file or directory/i
const UNREADABLE = /permission denied/i

/** @param path the medium; null where a drive is emptied */
export const mediaFailure = (error: unknown, machine: string, path: string | null): RemoteError => {
  const detail = toAppError(error)
  if (detail.kind !== 'libvirt' && detail.kind !== 'precondition') return toRemoteError(error)
  const say = (kind: 'precondition' | 'not-found' | 'permission', message: string, hint: string) =>
    new RemoteError({ kind, message, hint }, { cause: error })
  // A path may hold any words.
  const words = path === null ? detail.message : detail.message.replaceAll(path, '')
  if (path !== null && MISSING.test(words))
    return say('not-found', `The host of “${machine}” has no file “${path}”.`, 'Give a file of that computer.')
  if (path !== null && UNREADABLE.test(words))
    return say('permission', `Machines cannot read “${path}”: ${detail.message}`, 'Put it into a storage pool.')
  if (LOCKED.test(words))
    return say(
      'precondition',
      `“${machine}” uses its drive and has locked it.`,
      'Unmount it in the guest, or force it.',
    )
  return toRemoteError(error)
}
