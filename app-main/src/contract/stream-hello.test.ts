import { expect, test } from 'vitest'
import { encodeHello, HELLO_LIMIT, parseHello } from './stream-hello.ts'

test('an input comes out as it went in; none is an empty one', () => {
  expect(parseHello(encodeHello({ id: 'ä', spec: { shell: 'a\nb' } }))).toEqual({
    ok: true,
    input: { id: 'ä', spec: { shell: 'a\nb' } },
  })
  expect(parseHello(encodeHello(undefined))).toEqual({ ok: true, input: {} })
})

test('the limit counts bytes, not letters', () => {
  const room = HELLO_LIMIT - encodeHello('').length
  expect(() => encodeHello('x'.repeat(room))).not.toThrow()
  expect(() => encodeHello('x'.repeat(room + 1))).toThrow(/longer than/)
  expect(() => encodeHello('ä'.repeat(room / 2 + 1))).toThrow(/longer than/)
})

test.each([undefined, '', '{', 'null', '7', '"hello"', '[]', '{"t":"open"}', '{"input":{}}'])(
  '%j is no hello',
  text => {
    expect(parseHello(text)).toMatchObject({ ok: false })
  },
)
