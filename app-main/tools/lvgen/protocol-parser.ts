import { readExpression } from './expression.ts'
import type { Constants } from './expression.ts'
import { readEnumerators } from './header-parser.ts'
import { TokenCursor, tokenize } from './tokens.ts'

/** How often a type stands at a place: once, or zero or one times, or in arrays. */
export type Shape =
  | { readonly kind: 'one' }
  | { readonly kind: 'optional' }
  | { readonly kind: 'fixed'; readonly length: number }
  | { readonly kind: 'array'; readonly max: number }

/** A declaration of RFC 4506; `base` is a built-in type (`int`, `unsigned hyper`, `string`, ...) or a name. */
export interface Declaration {
  readonly name: string
  readonly base: string
  readonly shape: Shape
}

export interface Struct {
  readonly name: string
  readonly fields: readonly Declaration[]
}

export interface Union {
  readonly name: string
  readonly arms: readonly { readonly tag: number; readonly field: Declaration }[]
}

export interface Enumerator {
  readonly name: string
  readonly value: number
  readonly doc: string
}

export interface Protocol {
  readonly constants: readonly string[]
  readonly typedefs: readonly Declaration[]
  readonly structs: readonly Struct[]
  readonly unions: readonly Union[]
  readonly enums: readonly { readonly name: string; readonly members: readonly Enumerator[] }[]
}

/** Parses one `.x` file; its constants are added to `constants`. */
export function parseProtocol(file: string, source: string, constants: Constants): Protocol {
  const text = source.replace(/^%.*$/gm, '')
  const cursor = new TokenCursor(file, tokenize(file, text))
  const docs = collectDocs(file, text)
  const protocol = {
    constants: [] as string[],
    typedefs: [] as Declaration[],
    structs: [] as Struct[],
    unions: [] as Union[],
    enums: [] as { name: string; members: Enumerator[] }[],
  }
  while (cursor.peek().kind !== 'end') {
    const keyword = cursor.word()
    if (keyword === 'const') protocol.constants.push(readConstant(cursor, constants))
    else if (keyword === 'typedef') protocol.typedefs.push(readDeclaration(cursor, constants))
    else if (keyword === 'struct') protocol.structs.push(readStruct(cursor, constants))
    else if (keyword === 'union') protocol.unions.push(readUnion(cursor, constants))
    else if (keyword === 'enum') {
      const name = cursor.word()
      cursor.expect('{')
      const members = readEnumerators(cursor, constants)
      protocol.enums.push({
        name,
        members: members.map(member => ({
          name: member,
          value: Number(constants.get(member)),
          doc: docs.get(member) ?? '',
        })),
      })
    } else cursor.fail(`unexpected ${keyword}`)
    cursor.expect(';')
  }
  return protocol
}

function collectDocs(file: string, source: string): Map<string, string> {
  const docs = new Map<string, string>()
  for (const token of tokenize(file, source))
    if (token.kind === 'word' && token.doc !== '') docs.set(token.text, token.doc)
  return docs
}

function readConstant(cursor: TokenCursor, constants: Constants): string {
  const name = cursor.word()
  cursor.expect('=')
  constants.set(name, readExpression(cursor, constants))
  return name
}

function readStruct(cursor: TokenCursor, constants: Constants): Struct {
  const name = cursor.word()
  cursor.expect('{')
  const fields: Declaration[] = []
  while (!cursor.accept('}')) {
    fields.push(readDeclaration(cursor, constants))
    cursor.expect(';')
  }
  return { name, fields }
}

function readUnion(cursor: TokenCursor, constants: Constants): Union {
  const name = cursor.word()
  for (const text of ['switch', '(', 'int']) cursor.expect(text)
  cursor.word()
  for (const text of [')', '{']) cursor.expect(text)
  const arms: { tag: number; field: Declaration }[] = []
  while (!cursor.accept('}')) {
    cursor.expect('case')
    const tag = Number(readExpression(cursor, constants))
    cursor.expect(':')
    arms.push({ tag, field: readDeclaration(cursor, constants) })
    cursor.expect(';')
  }
  return { name, arms }
}

function readDeclaration(cursor: TokenCursor, constants: Constants): Declaration {
  const base = readBase(cursor)
  const optional = cursor.accept('*')
  const name = cursor.word()
  if (optional) return { name, base, shape: { kind: 'optional' } }
  if (cursor.accept('[')) {
    const length = Number(readExpression(cursor, constants))
    cursor.expect(']')
    return { name, base, shape: { kind: 'fixed', length } }
  }
  if (cursor.accept('<')) {
    const max = cursor.peek().text === '>' ? 0xffffffff : Number(readExpression(cursor, constants))
    cursor.expect('>')
    return { name, base, shape: { kind: 'array', max } }
  }
  return { name, base, shape: { kind: 'one' } }
}

function readBase(cursor: TokenCursor): string {
  const word = cursor.word()
  if (word === 'struct' || word === 'enum') return cursor.word()
  if (word !== 'unsigned') return word
  const next = cursor.peek().text
  if (['int', 'hyper', 'char', 'short'].includes(next)) return `unsigned ${cursor.word()}`
  return 'unsigned int'
}
