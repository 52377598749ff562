import { z } from 'zod'
import { AppError, contract } from '../../contract/index.ts'
import type { Call } from '../../contract/index.ts'

const schema = (type: z.ZodType, io: 'input' | 'output'): object => {
  const { $schema: _, ...rest } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return rest
}

const operation = (room: string, name: string, call: Call) => ({
  post: {
    operationId: `${room}.${name}`,
    tags: [room],
    summary: call.summary,
    'x-vireo-effect': call.effect,
    requestBody: { required: true, content: { 'application/json': { schema: schema(call.input, 'input') } } },
    responses: {
      200: { description: 'The answer.', content: { 'application/json': { schema: schema(call.output, 'output') } } },
      default: { $ref: '#/components/responses/Failure' },
    },
  },
})

const paths = () =>
  Object.fromEntries(
    Object.entries(contract).flatMap(([room, entries]) =>
      Object.entries(entries).flatMap(([name, entry]) =>
        entry.kind === 'call' ? [[`/api/v1/${room}/${name}`, operation(room, name, entry)]] : [],
      ),
    ),
  )

/** The OpenAPI 3.1 document of every call in the contract. */
export const openapi = () => ({
  openapi: '3.1.0',
  info: { title: 'Vireo', version: '1', description: 'Calls of the Vireo contract over HTTP.' },
  paths: paths(),
  components: {
    securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    schemas: { AppError: schema(AppError, 'output') },
    responses: {
      Failure: {
        description: 'Why it failed.',
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['error'],
              properties: { error: { $ref: '#/components/schemas/AppError' } },
            },
          },
        },
      },
    },
  },
  security: [{ key: [] }],
})
