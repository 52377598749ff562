import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idOfHead, readRequest } from './request.ts'

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
