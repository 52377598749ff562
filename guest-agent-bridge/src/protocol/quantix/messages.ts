/** Quantix messages, in and out of protobuf. */
import protobuf from 'protobufjs/light.js'
import schema from './schema.json' with { type: 'json' }

/** A message of the schema: snake_case fields, absent ones with protobuf's default, 64-bit numbers as JavaScript's. */
export type QuantixFields = Readonly<Record<string, unknown>>

export interface QuantixMessage {
  readonly id: string
  /** The payload's field name in the envelope, for instance `execute_response`. */
  readonly name: string
  readonly fields: QuantixFields
}

const envelope = protobuf.Root.fromJSON(schema).lookupType('limiquantix.agent.v1.AgentMessage')

/** `sentAt` in epoch milliseconds. Throws a TypeError when a field does not fit the schema. */
export const encodeQuantix = ({ id, name, fields }: QuantixMessage, sentAt: number): Uint8Array => {
  const timestamp = { seconds: Math.floor(sentAt / 1000), nanos: Math.round((sentAt % 1000) * 1e6) }
  const message = { message_id: id, timestamp, [name]: fields }
  const wrong = envelope.verify(message)
  if (wrong !== null) throw new TypeError(wrong)
  return envelope.encode(envelope.fromObject(message)).finish()
}

const isFields = (value: unknown): value is QuantixFields => typeof value === 'object' && value !== null

/** Undefined for bytes that are no message, and for a message without a payload that we know. */
export const decodeQuantix = (bytes: Uint8Array): QuantixMessage | undefined => {
  let read: QuantixFields
  try {
    const options = { longs: Number, defaults: true, arrays: true, objects: true, oneofs: true } as const
    read = envelope.toObject(envelope.decode(bytes), options)
  } catch {
    // Cut short, nested too deep, wrong wire types: whatever it was, no message.
    return undefined
  }
  const { message_id: id, payload: name } = read
  const fields = typeof name === 'string' ? read[name] : undefined
  return typeof id === 'string' && typeof name === 'string' && isFields(fields) ? { id, name, fields } : undefined
}
