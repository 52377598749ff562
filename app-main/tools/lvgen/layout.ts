import { pascalCase } from './names.ts'
import type { Declaration, Protocol, Struct, Union } from './protocol-parser.ts'

/** How a single value at one place in a structure looks in TypeScript. */
export interface Item {
  readonly type: string
  /** Least size on the wire in bytes. */
  readonly size: number
  /** Expression that reads it. */
  readonly read: string
  /** Statement that writes `value`. */
  readonly write: (value: string) => string
}

export interface Field {
  readonly name: string
  readonly item: Item
  readonly shape: Exclude<Declaration['shape'], { kind: 'fixed' }>
  /** Set when the field is a union, whose tag and value are laid flat into the structure. */
  readonly union?: Union
}

const builtIn: Readonly<Record<string, readonly [type: string, method: string, size: number]>> = {
  int: ['number', 'int', 4],
  short: ['number', 'int', 4],
  char: ['number', 'int', 4],
  'unsigned int': ['number', 'uint', 4],
  'unsigned short': ['number', 'uint', 4],
  'unsigned char': ['number', 'uint', 4],
  hyper: ['bigint', 'hyper', 8],
  'unsigned hyper': ['bigint', 'uhyper', 8],
  double: ['number', 'double', 8],
  bool: ['boolean', 'bool', 4],
}

/** Knows all names of the protocols read so far, and how large and what their types are. */
export class Layout {
  readonly #typedefs = new Map<string, Declaration>()
  readonly #structs = new Map<string, Struct>()
  readonly #unions = new Map<string, Union>()
  readonly #enums = new Set<string>()

  add(protocol: Protocol): void {
    for (const typedef of protocol.typedefs) this.#typedefs.set(typedef.name, typedef)
    for (const struct of protocol.structs) this.#structs.set(struct.name, struct)
    for (const union of protocol.unions) this.#unions.set(union.name, union)
    for (const { name } of protocol.enums) this.#enums.add(name)
  }

  has(struct: string): boolean {
    return this.#structs.has(struct)
  }

  field(declaration: Declaration): Field {
    const { name } = declaration
    const union = this.#unions.get(declaration.base)
    if (union !== undefined) return { name, item: fixedItem('never', 4, 'never'), shape: { kind: 'one' }, union }
    const text = textItem(declaration)
    if (text !== undefined) return { name, item: text, shape: { kind: 'one' } }
    const typedef = this.#typedefs.get(declaration.base)
    if (typedef !== undefined) {
      const inner = this.field({ ...typedef, name })
      if (declaration.shape.kind === 'one') return inner
      if (inner.shape.kind === 'one') return { name, item: inner.item, shape: several(declaration) }
      throw new Error(`${name}: a list of ${declaration.base} is not supported`)
    }
    return { name, item: this.#item(declaration.base), shape: several(declaration) }
  }

  /** Least size of a field on the wire in bytes. */
  size(field: Field): number {
    return field.shape.kind === 'one' ? field.item.size : 4
  }

  #item(base: string): Item {
    const known = builtIn[this.#enums.has(base) ? 'int' : base]
    if (known !== undefined) return fixedItem(known[0], known[2], known[1])
    const struct = this.#structs.get(base)
    if (struct === undefined) throw new Error(`the type ${base} is unknown`)
    const name = pascalCase(base)
    const size = struct.fields.reduce((sum, field) => sum + this.size(this.field(field)), 0)
    return { type: name, size, read: `decode${name}(r)`, write: value => `encode${name}(w, ${value})` }
  }
}

function several({ name, shape }: Declaration): Field['shape'] {
  if (shape.kind === 'fixed') throw new Error(`${name}: an array of fixed length is not supported`)
  return shape
}

/** Strings, opaque data and arrays of `char`, which are one value each. */
function textItem({ name, base, shape }: Declaration): Item | undefined {
  if (base === 'string' && shape.kind === 'array') {
    const { max } = shape
    // The names of typed parameters come in thousands, and those of domains in every answer.
    const read = name === 'field' || name === 'name' ? `r.repeatedString(${max})` : `r.string(${max})`
    return { type: 'string', size: 4, read, write: value => `w.string(${value}, ${max})` }
  }
  if (base === 'char' && shape.kind === 'fixed') {
    const { length } = shape
    const write = (): never => {
      throw new Error(`${name}: a char array of fixed length is only read`)
    }
    return { type: 'string', size: length * 4, read: `r.chars(${length})`, write }
  }
  if (base === 'opaque' && shape.kind === 'fixed') {
    const { length } = shape
    if (name === 'uuid' && length === 16) return fixedItem('string', length, 'uuid')
    const size = length + (-length & 3)
    return bytesItem('fixedOpaque', size, length)
  }
  if ((base !== 'char' && base !== 'opaque') || shape.kind !== 'array') return undefined
  return bytesItem(base === 'opaque' ? 'opaque' : 'charArray', 4, shape.max)
}

function bytesItem(method: string, size: number, limit: number): Item {
  return {
    type: 'Uint8Array',
    size,
    read: `r.${method}(${limit})`,
    write: value => `w.${method}(${value}, ${limit})`,
  }
}

function fixedItem(type: string, size: number, method: string): Item {
  return { type, size, read: `r.${method}()`, write: value => `w.${method}(${value})` }
}
