/** What a person would see at the end of a serial line: who is waiting there for input? */
import { plainText } from '@vireo/guest-agent-bridge/host'

export type Sight =
  /** Nothing at all, or an empty line: whatever is there keeps silent. */
  | { readonly kind: 'silent' }
  | { readonly kind: 'shell' }
  | { readonly kind: 'login' }
  | { readonly kind: 'password'; readonly line: string }
  /** A getty that wants Enter before it does anything. */
  | { readonly kind: 'activate' }
  /** Another Vireo runs a command here. */
  | { readonly kind: 'vireo' }
  /** Something that takes keys for commands of its own, or half a line that somebody has typed. */
  | { readonly kind: 'unknown'; readonly line: string }

/** What the helper in the guest answers to whoever else types. */
export const TAKEN = 'Vireo runs a command on this line. Ctrl+C stops it.'

const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()*+][0-9A-B]|[ -/]*[0-~])/g
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g
/** Enough for any line that a person would call one. */
const LOOKED_AT = 4096

/** The last lines as they stand on a screen; the very last one has no end yet. */
const linesOf = (bytes: string): string[] =>
  Buffer.from(bytes.slice(-LOOKED_AT), 'latin1')
    .toString('utf8')
    .replace(ESCAPES, '')
    .replace(CONTROLS, '')
    .split(/\r*\n/)
    .map(line => line.replace(/\r+$/, '').replace(/^.*\r/, ''))

const LOGIN = /(?:^|[\s:])(?:login|username|benutzername|identifiant|usuario|utente|логин):\s*$/i
const PASSWORD =
  /(?:pass(?:word|wort|phrase|code)|mot de passe|contraseña|пароль|senha|wachtwoord|密码|パスワード|암호)[^:：]{0,60}[:：]\s*$/i
const ACTIVATE = /press enter to activate this console\.?/i
/** `$`, `#` and `%` of shells, zsh's and fish's fancy ones, and the shell of an initramfs. Not `>`: that is grub, sql and many others. */
const SHELL = /[$#❯➜] ?$|(?:^|\s)% ?$|^\(initramfs\) ?$/u
const PAGER = /^(?:--more--|\(END\)|:|lines \d+-\d+)/i

/** Judges what came so far. `own` prompts may be odd: we have just logged in, so it is a shell that waits. */
export const sightOf = (bytes: string, { own = false } = {}): Sight => {
  const lines = linesOf(bytes)
  const open = lines.at(-1) ?? ''
  if (lines.slice(-4).some(line => line.includes(TAKEN)) && open.trim() === '') return { kind: 'vireo' }
  if (open.trim() === '')
    return lines.slice(-4).some(line => ACTIVATE.test(line)) ? { kind: 'activate' } : { kind: 'silent' }
  if (ACTIVATE.test(open)) return { kind: 'activate' }
  if (PASSWORD.test(open)) return { kind: 'password', line: shown(open) }
  if (LOGIN.test(open) && !/last login:\s*$/i.test(open)) return { kind: 'login' }
  if (PAGER.test(open)) return { kind: 'unknown', line: shown(open) }
  if (SHELL.test(open) || (own && /[>»)\]:~] ?$/.test(open))) return { kind: 'shell' }
  return { kind: 'unknown', line: shown(open) }
}

/** A guest's line as an error may show it. */
const shown = (line: string): string => plainText(line.trim(), 120)

/** The last line with anything in it, for errors. */
export const lastLine = (bytes: string): string =>
  shown(
    linesOf(bytes)
      .filter(line => line.trim() !== '')
      .at(-1) ?? '',
  )
