/** Names that a guest chose: shown so that they cannot deceive, and made harmless before they name a file here; pure. */

/** Controls, and characters that hide or reorder what stands around them. */
const DECEIVING = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu
/** What file systems and file choosers refuse or take for something else. */
const REFUSED = /[\\/:*?"<>|]/g
const SHOWN = 300
const LONGEST = 200

/** A name as text: what would deceive becomes U+FFFD, and what is beyond 300 characters is cut. */
export const visibleName = (name: string): string => {
  const characters = Array.from(name.slice(0, 2 * SHOWN))
  const cut = name.length > 2 * SHOWN || characters.length > SHOWN
  return (cut ? `${characters.slice(0, SHOWN).join('')}…` : name).replace(DECEIVING, '\ufffd')
}

/** The same for a whole path: each of its parts may be long. */
export const visiblePath = (path: string): string => path.split('/').map(visibleName).join('/')

const split = (name: string): readonly [string, string] => {
  const at = name.lastIndexOf('.')
  return at > 0 && name.length - at <= 12 ? [name.slice(0, at), name.slice(at)] : [name, '']
}

/** Bytes that a character takes on disk. */
const bytesOf = (character: string): number => {
  const point = character.codePointAt(0) ?? 0
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}

const cutTo = (text: string, bytes: number): string => {
  let left = bytes
  let kept = ''
  for (const character of text) {
    left -= bytesOf(character)
    if (left < 0) break
    kept += character
  }
  return kept
}

/** A name for a file here: one component, nothing hidden or reordered, never `.` or `..`, at most 200 bytes. */
export const localName = (name: string): string => {
  const plain = name
    .normalize('NFC')
    .replace(DECEIVING, '_')
    .replace(REFUSED, '_')
    .replace(/[\s.]+$/, '')
    .trimStart()
  const [stem, ending] = split(plain)
  const cut = `${cutTo(stem, LONGEST - Array.from(ending).reduce((sum, one) => sum + bytesOf(one), 0))}${ending}`
  return /^\.*$/.test(cut) ? 'file' : cut
}

/** A name that is not taken: `a.txt`, `a (2).txt`, `a (3).txt`. File systems may not tell letters of two sizes apart: nor do we. */
export const freeName = (name: string, taken: (name: string) => boolean): string => {
  if (!taken(name)) return name
  const [stem, ending] = split(name)
  for (let count = 2; ; count++) {
    const next = `${stem} (${count})${ending}`
    if (!taken(next)) return next
  }
}
