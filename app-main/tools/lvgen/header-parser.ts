import { readExpression } from './expression.ts'
import type { Constants } from './expression.ts'
import { SourceError, TokenCursor, tokenize } from './tokens.ts'

/** Public constants of one C header, in its order. */
export interface HeaderConstants {
  readonly enums: readonly { readonly name: string; readonly members: readonly string[] }[]
  /** `#define` of a number. */
  readonly macros: readonly string[]
  /** `#define` of a string. */
  readonly strings: readonly { readonly name: string; readonly value: string }[]
}

/**
 * Reads the enums and simple macros of a header, and adds their values to `constants`. `*_LAST` sentinels are left out:
 * they differ from version to version and mean nothing to a client.
 */
export function parseHeader(file: string, source: string, constants: Constants): HeaderConstants {
  const macros: string[] = []
  const strings: { name: string; value: string }[] = []
  const { code, defines } = splitPreprocessor(source)
  const cursor = new TokenCursor(file, tokenize(file, code))
  const enums: { name: string; members: string[] }[] = []
  while (cursor.peek().kind !== 'end') {
    if (cursor.take().text !== 'enum') continue
    const tag = cursor.peek().kind === 'word' ? cursor.word() : ''
    if (!cursor.accept('{')) continue
    const members = readEnumerators(cursor, constants)
    enums.push({ name: cursor.peek().kind === 'word' ? cursor.word() : tag, members })
  }
  for (const { name, text } of defines) {
    if (!name.startsWith('VIR_')) continue
    if (/^"[^"\\]*"$/.test(text)) strings.push({ name, value: text.slice(1, -1) })
    else if (defineNumber(file, name, text, constants)) macros.push(name)
  }
  return { enums, macros, strings }
}

/** Reads `NAME [= expression], ... }` after the brace. */
export function readEnumerators(cursor: TokenCursor, constants: Constants): string[] {
  const members: string[] = []
  let next = 0n
  while (!cursor.accept('}')) {
    const name = cursor.word()
    // Annotations such as G_GNUC_DEPRECATED may stand between the name and its value.
    while (cursor.peek().kind === 'word') cursor.take()
    if (cursor.accept('=')) next = readExpression(cursor, constants)
    constants.set(name, next)
    members.push(name)
    next++
    if (!cursor.accept(',') && cursor.peek().text !== '}') cursor.fail(`expected , or }, found ${cursor.peek().text}`)
  }
  return members
}

function splitPreprocessor(source: string): { code: string; defines: { name: string; text: string }[] } {
  const defines: { name: string; text: string }[] = []
  const conditions: boolean[] = []
  const code: string[] = []
  // Comments go first: one may hang over the end of a macro. Lines are kept, for the messages.
  const bare = source.replace(/\/\*[^]*?\*\//g, comment => comment.replace(/[^\n]/g, ' '))
  for (const line of bare.replace(/\\\n/g, ' ').split('\n')) {
    const directive = /^\s*#\s*(\w+)\s*(.*)$/.exec(line)
    const hidden = conditions.includes(true)
    if (directive === null) {
      code.push(hidden ? '' : line)
      continue
    }
    code.push('')
    const [, word = '', rest = ''] = directive
    if (word.startsWith('if')) conditions.push(rest.includes('VIR_ENUM_SENTINELS'))
    else if (word === 'endif') conditions.pop()
    const define = word === 'define' && !hidden ? /^(\w+)\s+(\S.*)$/.exec(rest.trim()) : null
    if (define !== null) defines.push({ name: define[1]!, text: define[2]! })
  }
  return { code: code.join('\n'), defines }
}

/** False for macros that are no constant: function-like, types, empty. */
function defineNumber(file: string, name: string, text: string, constants: Constants): boolean {
  try {
    const cursor = new TokenCursor(file, tokenize(file, text))
    const value = readExpression(cursor, constants)
    if (cursor.peek().kind !== 'end') return false
    constants.set(name, value)
    return true
  } catch (error) {
    if (error instanceof SourceError) return false
    throw error
  }
}
