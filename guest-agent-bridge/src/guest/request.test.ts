import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idOfHead, readLine, readRequest } from './request.ts'

test('a request, a notification, an answer to nothing', () => {
  expect(readRequest('{"jsonrpc":"2.0","id":1,"method":"ping"}')).toEqual({
    kind: 'request',
    request: { id: 1, method: 'ping', params: undefined },
  })
  expect(readRequest('{"jsonrpc":"2.0","method":"ping","params":{"a":1}}')).toEqual({
    kind: 'request',
    request: { id: undefined, method: 'ping', params: { a: 1 } },
  })
  expect(readRequest('{"jsonrpc":"2.0","id":1,"result":{}}')).toEqual({ kind: 'stray' })
})

test('params of null are none', () => {
  expect(readRequest('{"jsonrpc":"2.0","id":null,"method":"x","params":null}')).toMatchObject({
    request: { id: null, params: undefined },
  })
})

test('anything gives an answer to send or nothing, and never throws', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map(value => JSON.stringify(value)),
      ),
      text => {
        expect(['request', 'refused', 'stray']).toContain(readRequest(text).kind)
      },
    ),
  )
})

test('whose a line was that is too long', () => {
  expect(idOfHead('{"jsonrpc":"2.0","id":17,"method":"x","params":{"a":"aaa')).toBe(17)
  expect(idOfHead('{ "jsonrpc": "2.0", "id": "a-1", "me')).toBe('a-1')
  expect(idOfHead('{"method":"x","id":1,')).toBeNull()
  expect(idOfHead('{"jsonrpc":"2.0","id":123')).toBeNull()
})

const sys = {
  decode: (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8'),
  decodeBase64: (text: Uint8Array): Uint8Array | null => {
    const bytes = Buffer.from(Buffer.from(text).toString('latin1'), 'base64')
    if (bytes.toString('base64') !== Buffer.from(text).toString('latin1')) return null
    text.set(bytes)
    return text.subarray(0, bytes.length)
  },
}
const long = Buffer.alloc(3000, 'Vireo')
const base64 = long.toString('base64')
const chunk = (params: string, method = 'file.write.chunk', rest = ''): Buffer =>
  Buffer.from(`{"jsonrpc":"2.0","id":1,"method":"${method}"${rest},"params":{${params}}}`)

test('long data come as bytes, beside what else was asked', () => {
  const reading = readLine(sys, chunk(`"upload":"u","offset":7,"data":"${base64}"`))
  if (reading.kind !== 'request') throw new Error(reading.kind)
  expect(reading.request).toMatchObject({ id: 1, method: 'file.write.chunk', params: { offset: 7, data: '' } })
  expect(Buffer.from(reading.request.payload ?? []).equals(long)).toBe(true)
})

test.each([
  ['of another method', chunk(`"path":"/x","data":"${base64}"`, 'file_write')],
  ['that are no base64', chunk(`"offset":7,"data":"${base64}="`)],
  ['written with escapes', chunk(`"offset":7,"data":"${base64.replace('V', '\\u0056')}"`)],
  ['in a text', chunk(`"offset":7,"note":"${'x'.repeat(3000)},\\"data\\":\\""`)],
  ['of somebody else', chunk(`"offset":7,"data":""},"more":{"offset":8,"data":"${base64}"`)],
  ['said twice', chunk(`"data":"QQ==","offset":7,"data":"${base64}"`)],
  ['after a head that is not ASCII', chunk(`"note":"ÄÖÜ","data":"${base64}"`)],
  ['too far from the beginning', chunk(`"note":"${'x'.repeat(600)}","data":"${base64}"`)],
  ['that are too short to matter', chunk('"offset":7,"data":"QQ=="')],
])('data %s are read as any other line', (_, line) => {
  const plain = readRequest(line.toString())
  expect(readLine(sys, line)).toEqual(plain)
})
