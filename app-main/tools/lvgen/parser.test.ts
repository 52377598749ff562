import { expect, test } from 'vitest'
import { emitStruct } from './emit-types.ts'
import type { Constants } from './expression.ts'
import { parseHeader } from './header-parser.ts'
import { Layout } from './layout.ts'
import { parseProtocol } from './protocol-parser.ts'
import { SourceError } from './tokens.ts'

const sample = `
%#include "internal.h"
const SAMPLE_MAX = 0x10;
/* A name. */
typedef string sample_nonnull_string<SAMPLE_MAX>;
typedef sample_nonnull_string *sample_string;
typedef opaque sample_uuid[VIR_UUID_BUFLEN];
struct sample_dom { sample_nonnull_string name; sample_uuid uuid; };
struct sample_list_args {
    unsigned int flags; /* insert@1 */
    unsigned other;
    sample_string filter;
    sample_dom doms<SAMPLE_MAX>;
};
enum sample_procedure {
    /** not an annotation */
    /**
     * @generate: both
     * @priority: high
     * @readstream: 1
     */
    SAMPLE_PROC_LIST = 7,

    SAMPLE_PROC_NEXT
};
`

function parse(source: string) {
  return parseProtocol('sample.x', source, new Map([['VIR_UUID_BUFLEN', 16n]]))
}

test('reads structures, typedefs, constants and annotated procedures', () => {
  const protocol = parse(sample)
  expect(protocol.constants).toEqual(['SAMPLE_MAX'])
  expect(protocol.typedefs[0]).toEqual({
    name: 'sample_nonnull_string',
    base: 'string',
    shape: { kind: 'array', max: 16 },
  })
  expect(protocol.typedefs[2]?.shape).toEqual({ kind: 'fixed', length: 16 })
  expect(protocol.structs[1]?.fields.map(field => [field.name, field.base, field.shape.kind])).toEqual([
    ['flags', 'unsigned int', 'one'],
    ['other', 'unsigned int', 'one'],
    ['filter', 'sample_string', 'one'],
    ['doms', 'sample_dom', 'array'],
  ])
  const [list, next] = protocol.enums[0]?.members ?? []
  expect(list).toMatchObject({ name: 'SAMPLE_PROC_LIST', value: 7 })
  expect(list?.doc).toContain('@readstream: 1')
  expect(next).toEqual({ name: 'SAMPLE_PROC_NEXT', value: 8, doc: '' })
})

test('reads unions by the value of their cases', () => {
  const { unions } = parse('const A = 3; union u switch (int type) { case A: hyper l; case 4: unsigned hyper ul; };')
  expect(unions).toEqual([
    {
      name: 'u',
      arms: [
        { tag: 3, field: { name: 'l', base: 'hyper', shape: { kind: 'one' } } },
        { tag: 4, field: { name: 'ul', base: 'unsigned hyper', shape: { kind: 'one' } } },
      ],
    },
  ])
})

test('emits flat code with limits and least sizes', () => {
  const protocol = parse(sample)
  const layout = new Layout()
  layout.add(protocol)
  expect(emitStruct(protocol.structs[1]!, layout)).toBe(`export interface SampleListArgs {
  readonly flags: number
  readonly other: number
  readonly filter: string | null
  readonly doms: readonly SampleDom[]
}

export function encodeSampleListArgs(w: XdrWriter, v: SampleListArgs): void {
  w.uint(v.flags)
  w.uint(v.other)
  w.bool(v.filter !== null)
  if (v.filter !== null) w.string(v.filter, 16)
  w.count(v.doms.length, 16)
  for (const e of v.doms) encodeSampleDom(w, e)
}
`)
  const answer = { name: 'sample_list_ret', fields: protocol.structs[1]!.fields.slice(3) }
  expect(emitStruct(answer, layout)).toContain('for (let n = r.count(16, 20); n > 0; n--) f0.push(decodeSampleDom(r))')
})

test.each([
  ['a missing semicolon', 'struct a { int b }', 'sample.x:1: expected ;, found }'],
  ['a structure without an end', 'struct a {\n int b;', 'sample.x:2: expected a name, found end of file'],
  ['an unknown constant', '\n\ntypedef opaque u[NOBODY];', 'sample.x:3: NOBODY has no known value'],
  ['an unknown keyword', 'program X { };', 'sample.x:1: unexpected program'],
  ['a comment without an end', 'const A = 1; /* never', 'sample.x:1: a comment has no end'],
])('refuses %s and says where', (_what, source, message) => {
  expect(() => parse(source)).toThrow(SourceError)
  expect(() => parse(source)).toThrow(message)
})

test('refuses a type that nobody declared', () => {
  const { structs } = parse('struct a_args { missing b; };')
  expect(() => emitStruct(structs[0]!, new Layout())).toThrow('the type missing is unknown')
})

test('computes the constants of a header', () => {
  const constants: Constants = new Map()
  const header = parseHeader(
    'sample.h',
    `# define VIR_SIZE (16)
# define VIR_NAME "name" /* which
                             goes on */
# define VIR_CALL(x) (x)
typedef enum {
    VIR_A, /* (Since: 0.1) */
    VIR_B = 1 << 3,
    VIR_C = (VIR_A | VIR_B) + 1,
    VIR_D,
    VIR_MINUS = -1,
    VIR_TOP = 1U << 31,
# ifdef VIR_ENUM_SENTINELS
    VIR_LAST
# endif
} virSample;
# define VIR_ALIAS VIR_C
typedef enum virOther virOther;
int virUse(enum virOther one);`,
    constants,
  )
  expect(header.enums).toEqual([
    { name: 'virSample', members: ['VIR_A', 'VIR_B', 'VIR_C', 'VIR_D', 'VIR_MINUS', 'VIR_TOP'] },
  ])
  expect(header.macros).toEqual(['VIR_SIZE', 'VIR_ALIAS'])
  expect(header.strings).toEqual([{ name: 'VIR_NAME', value: 'name' }])
  expect([...constants.values()]).toEqual([0n, 8n, 9n, 10n, -1n, 2147483648n, 16n, 9n])
})
