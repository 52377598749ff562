import type { Field, Layout } from './layout.ts'
import { pascalCase } from './names.ts'
import type { Struct, Union } from './protocol-parser.ts'

/** The interface of a structure with its functions: arguments are only encoded, answers and events only decoded. */
export function emitStruct(struct: Struct, layout: Layout): string {
  const fields = struct.fields.map(field => layout.field(field))
  const name = pascalCase(struct.name)
  const parts = [emitInterface(name, fields)]
  if (!/_(ret|msg)$/.test(struct.name)) parts.push(emitEncoder(name, fields))
  if (!struct.name.endsWith('_args')) parts.push(emitDecoder(name, fields))
  return parts.join('\n')
}

function emitInterface(name: string, fields: readonly Field[]): string {
  const lines = fields.flatMap(field => {
    if (field.union === undefined) return [`  readonly ${field.name}: ${fieldType(field)}`]
    return [
      '  /** One of `VIR_TYPED_PARAM_*`. */',
      '  readonly type: number',
      '  /** 64-bit integers are a `bigint` only where a `number` is not exact; both are accepted. */',
      `  readonly ${field.name}: number | bigint | boolean | string`,
    ]
  })
  return `export interface ${name} {\n${lines.join('\n')}\n}\n`
}

function fieldType({ item, shape }: Field): string {
  if (shape.kind === 'one') return item.type
  return shape.kind === 'optional' ? `${item.type} | null` : `readonly ${item.type}[]`
}

function emitEncoder(name: string, fields: readonly Field[]): string {
  const lines = fields.flatMap(field => {
    const value = `v.${field.name}`
    const { item, shape, union } = field
    if (union !== undefined) return emitUnionEncoder(union, value)
    switch (shape.kind) {
      case 'one':
        return [item.write(value)]
      case 'optional':
        return [`w.bool(${value} !== null)`, `if (${value} !== null) ${item.write(value)}`]
      case 'array':
        return [`w.count(${value}.length, ${shape.max})`, `for (const e of ${value}) ${item.write('e')}`]
    }
  })
  return `export function encode${name}(w: XdrWriter, v: ${name}): void {\n${indent(lines)}\n}\n`
}

function emitDecoder(name: string, fields: readonly Field[]): string {
  const head = `export function decode${name}(r: XdrReader): ${name} {\n`
  if (fields.every(field => field.shape.kind === 'one' && field.union === undefined)) {
    return `${head}  return { ${fields.map(field => `${field.name}: ${field.item.read}`).join(', ')} }\n}\n`
  }
  const lines = fields.flatMap((field, index) => {
    const { item, shape, union } = field
    if (union !== undefined) return [...emitUnionDecoder(union, `f${index}`)]
    switch (shape.kind) {
      case 'one':
        return [`const f${index} = ${item.read}`]
      case 'optional':
        return [`const f${index} = r.bool() ? ${item.read} : null`]
      case 'array':
        return [
          `const f${index}: ${item.type}[] = []`,
          `for (let n = r.count(${shape.max}, ${item.size}); n > 0; n--) f${index}.push(${item.read})`,
        ]
    }
  })
  const members = fields.map((field, index) => `${field.union === undefined ? '' : 'type, '}${field.name}: f${index}`)
  return `${head}${indent([...lines, `return { ${members.join(', ')} }`])}\n}\n`
}

function emitUnionEncoder(union: Union, value: string): string[] {
  const cases = union.arms.map(arm => `  case ${arm.tag}: return ${unionArm(arm.field.name)[1].replace('V', value)}`)
  return [
    'w.int(v.type)',
    'switch (v.type) {',
    ...cases,
    '  default: throw new XdrError(`there is no type ${v.type}`)',
    '}',
  ]
}

function emitUnionDecoder(union: Union, variable: string): string[] {
  const cases = union.arms.map(arm => `  case ${arm.tag}: ${variable} = ${unionArm(arm.field.name)[0]}; break`)
  return [
    'const type = r.int()',
    `let ${variable}: number | bigint | boolean | string`,
    'switch (type) {',
    ...cases,
    '  default: throw new XdrError(`there is no type ${type}`)',
    '}',
  ]
}

/** Arms of `remote_typed_param_value` by name. What is written is checked, as its type is known only at run time. */
const unionArms: Readonly<Record<string, readonly [read: string, write: string]>> = {
  i: ['r.int()', 'w.int(anyNumber(V))'],
  ui: ['r.uint()', 'w.uint(anyNumber(V))'],
  l: ['r.compactHyper()', 'w.hyper(anyInteger(V))'],
  ul: ['r.compactUhyper()', 'w.uhyper(anyInteger(V))'],
  d: ['r.double()', 'w.double(anyNumber(V))'],
  b: ['r.int() !== 0', 'w.bool(anyBoolean(V))'],
  s: ['r.string(4194304)', 'w.string(anyString(V), 4194304)'],
}

function unionArm(name: string): readonly [read: string, write: string] {
  const arm = unionArms[name]
  if (arm === undefined) throw new Error(`the arm ${name} is unknown`)
  return arm
}

function indent(lines: readonly string[]): string {
  return lines.map(line => `  ${line}`).join('\n')
}
