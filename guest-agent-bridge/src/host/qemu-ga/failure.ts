/** What qemu-ga says when it refuses: one English sentence and no code, so the words decide. */
import { RemoteError } from '@vireo/app-main/contract'
import { plainText } from '../plain-text.ts'

const KINDS = [
  [/frozen/i, 'precondition'],
  [/has not been found|has been disabled|not supported|unsupported/i, 'unsupported'],
  [/no such|not found|does not exist|unknown user/i, 'not-found'],
  [/permission denied|not permitted/i, 'permission'],
  [/exists|not empty|is a directory|not a directory|read-only|no space|busy/i, 'precondition'],
] as const

const HINTS: Readonly<Record<string, string>> = {
  precondition: 'If its filesystems are frozen, thaw them first.',
  unsupported: 'Its administrator may have blocked the command, or its version is too old.',
}

/** The guest's refusal in the contract's words; hints only where the words are qemu-ga's own. */
export const refusal = (message: string, cause: unknown): RemoteError => {
  const kind = KINDS.find(([words]) => words.test(message))?.[1] ?? 'refused'
  const hint = /frozen|has been|not supported/i.test(message) ? HINTS[kind] : undefined
  const said = `The guest agent said: ${plainText(message.trim(), 500)}`
  return new RemoteError({ kind, message: said, ...(hint === undefined ? {} : { hint }) }, { cause })
}
