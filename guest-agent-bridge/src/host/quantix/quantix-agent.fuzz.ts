import {
  ExecEnd,
  ExecSpec,
  GuestEntry,
  GuestFilesystem,
  GuestInterface,
  GuestSystem,
  GuestTelemetry,
  RemoteError,
} from '@vireo/app-main/contract'
import fc from 'fast-check'
import { encodeQuantix, encodeQuantixFrame } from '../../protocol/quantix/index.ts'
import type { Asking, GuestAgent } from '../guest-agent.ts'
import { FakeQuantix } from '../testing/fake-quantix.ts'
import { fuzzTarget } from '../testing/fuzz-target.ts'
import { checkHarmless } from '../testing/harmless.ts'
import { settled } from '../testing/scripted-agent.ts'
import { QuantixConversation } from './conversation.ts'
import { QuantixAgent } from './quantix-agent.ts'
import { QuantixClient } from './quantix-client.ts'

interface Checker {
  parse(value: unknown): unknown
}

const ENTRY = { name: 'file', path: '/x/file', size_bytes: 3, mode: 0o644, owner: 'root', group: 'root' }

/** Every question whose answer has a shape in the contract; what is answered has something of everything. */
const QUESTIONS: readonly { shape: Checker; ask: (agent: GuestAgent, asking: Asking) => Promise<unknown> }[] = [
  { shape: GuestSystem, ask: (agent, asking) => agent.system(asking) },
  { shape: GuestTelemetry, ask: (agent, asking) => agent.telemetry(asking) },
  { shape: GuestInterface.array(), ask: (agent, asking) => agent.interfaces(asking) },
  { shape: GuestFilesystem.array(), ask: (agent, asking) => agent.filesystems(asking) },
  { shape: GuestEntry.array(), ask: (agent, asking) => agent.list('/x', asking) },
  { shape: GuestEntry, ask: (agent, asking) => agent.stat('/x/file', asking) },
  { shape: { parse: value => value }, ask: (agent, asking) => agent.readFile('/x/file', 0, 10, asking) },
  {
    shape: ExecEnd,
    ask: (agent, asking) => agent.exec(ExecSpec.parse({ args: ['x'] }), { onOutput: () => undefined }, asking),
  },
]

/** A few bytes of a message become others, go, or come twice. */
const damage = fc.array(fc.record({ at: fc.nat(), cut: fc.nat({ max: 4 }), bytes: fc.uint8Array({ maxLength: 4 }) }), {
  minLength: 1,
  maxLength: 3,
})
type Damage = readonly { readonly at: number; readonly cut: number; readonly bytes: Uint8Array }[]

const damaged = (message: Uint8Array, changes: Damage): Uint8Array =>
  changes.reduce<Uint8Array>((whole, { at, cut, bytes }) => {
    const place = at % (whole.length + 1)
    return Buffer.concat([whole.subarray(0, place), bytes, whole.subarray(place + cut)])
  }, message)

const noise = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc
    .constantFrom('QTX1', 'QTX1\0\0\0\x01', '\0\0\0\x05', '\xff\xff\xff\xff', '{"jsonrpc"')
    .map(text => Buffer.from(text, 'latin1')),
)

const NEVER = new AbortController().signal

const failureOf = (error: unknown): RemoteError => {
  if (error instanceof RemoteError) return error
  throw error
}

/** Nobody waits for an answer that was lost: whoever asks gives up when all that comes has come. */
const patient = async (work: (asking: Asking) => Promise<unknown>): Promise<unknown> => {
  const giveUp = new AbortController()
  const asked = work({ signal: giveUp.signal }).catch(failureOf)
  for (let turn = 0; turn < 5; turn++) await settled()
  giveUp.abort()
  return asked
}

export const targets = [
  fuzzTarget(
    'a damaged message gives what the contract says, or a typed failure',
    fc.asyncProperty(
      fc.constantFrom(...QUESTIONS),
      fc.constantFrom('magic', 'bare'),
      damage,
      async ({ shape, ask }, framing, changes) => {
        const fake = new FakeQuantix(framing)
        Object.assign(fake.answers, {
          execute: () => ({ exit_code: 0, stdout: 'out', stderr: 'err', duration_ms: 1 }),
          list_directory: () => ({ success: true, entries: [ENTRY, ENTRY] }),
          file_stat: () => ({ success: true, entry: ENTRY }),
          file_read: () => ({ success: true, data: Buffer.from('abc'), eof: true }),
        })
        const talk = new QuantixConversation(new QuantixClient(fake.host))
        const agent = new QuantixAgent(talk, await talk.ask('get_capabilities', {}, { signal: NEVER }))
        fake.send = (name, fields, id: string | undefined) => {
          const message = damaged(encodeQuantix({ id: id ?? 'unasked', name, fields }, 0), changes)
          fake.guest.write(Buffer.from(encodeQuantixFrame(framing, message)))
        }
        const value = await patient(asking => {
          const asked = ask(agent, asking)
          fake.telemetry()
          return asked
        })
        if (!(value instanceof RemoteError)) shape.parse(value)
        checkHarmless(value)
        agent.close()
      },
    ),
  ),
  fuzzTarget(
    'bytes of any kind before and inside a frame: the right answer, a typed failure, or none',
    fc.asyncProperty(fc.array(noise, { maxLength: 8 }), noise, fc.nat(), async (before, inside, place) => {
      const fake = new FakeQuantix('magic', { speaksFirst: false })
      const ids: string[] = []
      fake.guest.on('data', (bytes: Buffer) => ids.push(...(bytes.toString('latin1').match(/[\da-f-]{36}/g) ?? [])))
      fake.answers.ping = () => new Promise(() => undefined)
      const client = new QuantixClient(fake.host)
      const value = await patient(async ({ signal }) => {
        const asked = client.ask({ name: 'ping', answer: 'pong', fields: {}, deadlineMs: 60_000, signal })
        // Settled early or late, never unhandled.
        asked.catch(() => undefined)
        await settled()
        const message = encodeQuantix({ id: ids[0] ?? 'nobody', name: 'pong', fields: { uptime_seconds: 42 } }, 0)
        const frame = Buffer.from(encodeQuantixFrame('magic', message))
        const at = place % frame.length
        for (const bytes of [...before, frame.subarray(0, at), inside, frame.subarray(at)]) fake.guest.write(bytes)
        return asked
      })
      const whole = before.length === 0 && inside.length === 0
      const right = !(value instanceof RemoteError) && Object(value).uptime_seconds === 42
      if (whole && !right) throw new Error('the right answer was not taken')
      if (!(value instanceof RemoteError) && typeof value !== 'object') throw new Error('that is no answer')
      client.close()
    }),
  ),
]
