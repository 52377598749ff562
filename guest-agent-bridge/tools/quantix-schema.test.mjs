import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { quantixSchema } from './quantix-schema.mjs'

test('the schema that is shipped is the one of the .proto file', () => {
  const shipped = JSON.parse(readFileSync(new URL('../src/protocol/quantix/schema.json', import.meta.url), 'utf8'))
  expect(shipped).toEqual(JSON.parse(JSON.stringify(quantixSchema())))
})
