import { RemoteError } from '@vireo/app-main/contract'
import fc from 'fast-check'
import * as v from 'valibot'
import { RpcClient } from './rpc-client.ts'
import { ScriptedAgent, settled } from './testing/scripted-agent.ts'
import { fuzzTarget } from './testing/fuzz-target.ts'

const noise = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
  fc.string({ unit: 'binary', maxLength: 100 }).map(text => Buffer.from(text)),
  fc
    .constantFrom('\n', '{', '}', '{"jsonrpc":"2.0","id":', '"', '\\', '{"method":"x"}\n', '[['.repeat(100))
    .map(text => Buffer.from(text)),
  fc
    .jsonValue()
    .map(value => Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', method: 'telemetry', params: value })}\n`)),
  fc.jsonValue().map(value => Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', id: value, result: value })}\n`)),
)

/** An answer that something happened to on its way. */
const damaged = fc.record({ at: fc.nat(), bytes: fc.uint8Array({ maxLength: 10 }), cut: fc.nat({ max: 10 }) })

const open = () => {
  const agent = new ScriptedAgent()
  const client = new RpcClient({ stream: agent.host, concurrency: 4, limits: { maxLineBytes: 1000 } })
  const ask = (method: string) =>
    client.ask({ method, schema: v.number(), deadlineMs: 60_000, signal: new AbortController().signal })
  return { agent, client, ask }
}

export const targets = [
  fuzzTarget(
    'after any bytes and a newline the next answer arrives',
    fc.asyncProperty(fc.array(noise, { maxLength: 20 }), async chunks => {
      const { agent, client, ask } = open()
      for (const chunk of chunks) agent.raw(chunk)
      agent.raw('\n')
      const asked = ask('x')
      agent.result((await agent.next()).id, 42)
      if ((await asked) !== 42) throw new Error('another answer was taken')
      client.close()
    }),
  ),
  fuzzTarget(
    'a damaged answer is the right one, a typed failure, or none',
    fc.asyncProperty(damaged, fc.array(noise, { maxLength: 3 }), async ({ at, bytes, cut }, around) => {
      const { agent, client, ask } = open()
      let outcome: unknown = 'none'
      const asked = ask('x').then(
        value => (outcome = value),
        (error: unknown) => (outcome = error),
      )
      const line = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: (await agent.next()).id, result: 42 }))
      const place = at % line.length
      for (const chunk of around) agent.raw(chunk)
      agent.raw(
        Buffer.concat([line.subarray(0, place), Buffer.from(bytes), line.subarray(place + cut), Buffer.from('\n')]),
      )
      await settled()
      // A digit more or less is still a number; the text around it is not.
      if (outcome !== 'none' && typeof outcome !== 'number' && !(outcome instanceof RemoteError)) throw outcome
      client.close()
      await asked
    }),
  ),
]
