/** Paths in a guest: absolute, with `/`, of any characters but NUL; pure. */

const MAX_BYTES = 4096

export const joinPath = (folder: string, name: string): string =>
  folder === '/' ? `/${name}` : `${folder.replace(/\/+$/, '')}/${name}`

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** A typed path without doubled and ending `/`, `.` and `..`; null for one that is not absolute, holds NUL, or is too long. */
export const typedPath = (text: string): string | null => {
  const trimmed = text.trim()
  if (!trimmed.startsWith('/') || trimmed.includes('\0')) return null
  const parts: string[] = []
  for (const part of trimmed.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  const path = `/${parts.join('/')}`
  return new TextEncoder().encode(path).length > MAX_BYTES ? null : path
}

export interface Crumb {
  readonly name: string
  readonly path: string
}

/** The folders from the root to a path, both included. */
export const crumbsOf = (path: string): readonly Crumb[] => {
  const names = path.split('/').filter(part => part !== '')
  return [
    { name: '/', path: '/' },
    ...names.map((name, at) => ({ name, path: `/${names.slice(0, at + 1).join('/')}` })),
  ]
}

/** Whether text can name one thing in a folder of a guest. */
export const isEntryName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name) && new TextEncoder().encode(name).length <= 255
