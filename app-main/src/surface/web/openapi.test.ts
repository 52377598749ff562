import { expect, test } from 'vitest'
import { contract } from '../../contract/index.ts'
import { openapi } from './openapi.ts'

const references = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : []
  return [...own, ...Object.values(value).flatMap(references)]
}

const resolve = (document: unknown, reference: string): unknown =>
  reference
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      document,
    )

test('every call is a path and nothing else is', () => {
  const calls = Object.entries(contract).flatMap(([room, entries]) =>
    Object.entries(entries)
      .filter(([, entry]) => entry.kind === 'call')
      .map(([name]) => `/api/v1/${room}/${name}`),
  )
  expect(Object.keys(openapi().paths).sort()).toEqual(calls.sort())
})

test('the document is plain JSON whose references all lead somewhere', () => {
  const document: unknown = JSON.parse(JSON.stringify(openapi()))
  expect(document).toEqual(openapi())
  const found = references(document)
  expect(found.length).toBeGreaterThan(0)
  for (const reference of found) expect(reference).toMatch(/^#\//)
  for (const reference of found) expect(resolve(document, reference)).toBeDefined()
})

test('an input says what may be left out', () => {
  const start = openapi().paths['/api/v1/domain/start']
  const schema = start?.post.requestBody.content['application/json'].schema
  expect(schema).toMatchObject({
    type: 'object',
    required: ['id'],
    properties: { paused: { type: 'boolean', default: false } },
  })
})
