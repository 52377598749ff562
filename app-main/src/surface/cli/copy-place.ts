/** Where files come from and go to on the command line, and which names may become files here. */
import { RemoteError } from '../../contract/index.ts'
import { printable } from './text.ts'

export type Place =
  | { readonly kind: 'guest'; readonly machine: string; readonly path: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'pipe' }

/**
 * `NAME:/path` is in a machine (NAME may be an id, which holds a URI), `-` a pipe, everything else a file here: one whose
 * name holds `:/` is written with `./` before it. Throws `invalid-input` for a path in a machine that is not absolute.
 */
export const parsePlace = (text: string): Place => {
  if (text === '-') return { kind: 'pipe' }
  if (/^\.{0,2}\//.test(text)) return { kind: 'file', path: text }
  const id = /^([^@/]+@[a-z][a-z0-9+-]*:\/\/.*?):(\/.*)$/s.exec(text)
  const [, machine, path] = id ?? /^(.+?):(\/.*)$/s.exec(text) ?? []
  if (machine !== undefined && path !== undefined) return { kind: 'guest', machine, path }
  if (/^[^/]+:/.test(text)) {
    throw new RemoteError({
      kind: 'invalid-input',
      message: `“${printable(text)}”: a path in a machine is absolute.`,
      hint: 'As in web-1:/tmp/file. A file here whose name holds a colon is written with ./ before it.',
    })
  }
  return { kind: 'file', path: text }
}

const LONGEST = 255

/** Whether a name that a guest gave may become a file's name here: one component, nothing invisible, no way out. */
export const safeName = (name: string): boolean =>
  name !== '' &&
  name !== '.' &&
  name !== '..' &&
  Buffer.byteLength(name) <= LONGEST &&
  !/[/\p{Cc}\ufffd\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(name)

/** The last component of a guest's path. Throws `invalid-input` where it cannot name a file here. */
export const nameIn = (path: string): string => {
  const name = path.replace(/\/+$/, '').split('/').at(-1) ?? ''
  if (safeName(name)) return name
  throw new RemoteError({
    kind: 'invalid-input',
    message: `“${printable(path)}” does not end with a name that a file here could have.`,
    hint: 'Say which file it should become.',
  })
}
