import fc from 'fast-check'
import { expect, test } from 'vitest'
import { VIR_TYPED_PARAM_BOOLEAN, VIR_TYPED_PARAM_ULLONG } from '../generated/constants.ts'
import {
  decodeVirNetMessageError,
  decodeVirNetMessageHeader,
  encodeVirNetMessageHeader,
} from '../generated/net-message.ts'
import { VIR_NET_CALL, VIR_NET_ERROR, VIR_NET_OK } from '../generated/net-message.ts'
import * as qemu from '../generated/qemu.ts'
import * as remoteEvents from '../generated/remote-events.ts'
import * as remote from '../generated/remote-procedures.ts'
import { decodeRemoteTypedParam, encodeRemoteTypedParam } from '../generated/remote-types.ts'
import type { RemoteTypedParam } from '../generated/remote-types.ts'
import type { Procedure } from './procedure.ts'
import { XdrError } from './xdr-error.ts'
import { XdrReader } from './xdr-reader.ts'
import { XdrWriter } from './xdr-writer.ts'

interface Decodes {
  readonly program: number
  readonly number: number
  decode(reader: XdrReader): unknown
}

const isDecoder = (value: object | number | string): value is Decodes => typeof value === 'object' && 'decode' in value
const decodersOf = (module: Readonly<Record<string, object | number | string>>): Decodes[] =>
  Object.values(module).filter(isDecoder)
const procedures = decodersOf(remote)
const events = decodersOf(remoteEvents)
const decoders = [...procedures, ...events, ...decodersOf(qemu)]

const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f'
const testDomain = '0000000474657374' + uuid.replaceAll('-', '') + '00000001'

/** Bytes of a whole call, as a client sends them. */
function callBytes<Args>(procedure: Procedure<Args, unknown>, serial: number, args: Args): string {
  const writer = new XdrWriter()
  writer.uint(0)
  const { program: prog, version: vers, number: proc } = procedure
  encodeVirNetMessageHeader(writer, { prog, vers, proc, type: VIR_NET_CALL, serial, status: VIR_NET_OK })
  procedure.encode(writer, args)
  writer.uintAt(0, writer.length)
  return writer.bytes().toString('hex')
}

/** Decodes a reply without its header, all of it. */
function decoded<Ret>(procedure: Procedure<never, Ret>, payload: string): Ret {
  const reader = new XdrReader(Buffer.from(payload, 'hex'))
  const value = procedure.decode(reader)
  reader.end()
  return value
}

test('numbers the 443 procedures and events of the protocol once each', () => {
  const numbers = [...procedures, ...events].map(({ number }) => number).sort((a, b) => a - b)
  expect(numbers).toEqual(Array.from({ length: 443 }, (_, index) => index + 1))
  expect(events.length).toBe(remoteEvents.remoteEvents.length)
})

test('keeps the annotations of a procedure', () => {
  expect(remote.storageVolUpload).toMatchObject({ name: 'storage_vol_upload', number: 208, stream: 'writestream' })
  expect(remote.domainOpenConsole).toMatchObject({ number: 201, stream: 'readstream', priority: false })
  expect(remote.connectListAllDomains).toMatchObject({ program: 0x20008086, version: 1, number: 273, priority: true })
  expect(qemu.qemuDomainAgentCommand).toMatchObject({ program: 0x20008087, number: 3, priority: false })
})

test('encodes calls as libvirt 9.0 took them', () => {
  expect(callBytes(remote.authList, 1, undefined)).toBe('0000001c200080860000000100000042000000000000000100000000')
  expect(callBytes(remote.connectOpen, 2, { name: 'test:///default', flags: 0 })).toBe(
    '00000038200080860000000100000001000000000000000200000000000000010000000f746573743a2f2f2f64656661756c740000000000',
  )
  expect(callBytes(remote.domainGetInfo, 4, { dom: { name: 'test', uuid, id: 1 } })).toBe(
    `00000038200080860000000100000010000000000000000400000000${testDomain}`,
  )
})

test('encodes an absent string, an empty list and typed parameters', () => {
  const writer = new XdrWriter()
  remote.connectOpen.encode(writer, { name: null, flags: 1 })
  expect(writer.bytes().toString('hex')).toBe('0000000000000001')
  writer.reset()
  remote.connectGetAllDomainStats.encode(writer, { doms: [], stats: 1, flags: 0 })
  expect(writer.bytes().toString('hex')).toBe('000000000000000100000000')
  writer.reset()
  encodeRemoteTypedParam(writer, { field: 'a', type: VIR_TYPED_PARAM_ULLONG, value: 5 })
  encodeRemoteTypedParam(writer, { field: 'b', type: VIR_TYPED_PARAM_BOOLEAN, value: true })
  expect(writer.bytes().toString('hex')).toBe(
    '000000016100000000000004000000000000000500000001620000000000000600000001',
  )
})

test('decodes answers that libvirt 9.0 gave', () => {
  expect(decoded(remote.connectListAllDomains, `00000001${testDomain}00000001`)).toEqual({
    domains: [{ name: 'test', uuid, id: 1 }],
    ret: 1,
  })
  const info = '00000001000000000080000000000000002000000000000218e9f9f3f69ee940'
  expect(decoded(remote.domainGetInfo, info)).toEqual({
    state: 1,
    maxMem: 8388608n,
    memory: 2097152n,
    nrVirtCpu: 2,
    cpuTime: 1795240752693832000n,
  })
  const stats = '0000000b73746174652e73746174650000000001000000010000000c73746174652e726561736f6e0000000100000000'
  expect(decoded(remote.connectGetAllDomainStats, `00000001${testDomain}00000002${stats}`).retStats[0]?.params).toEqual(
    [
      { field: 'state.state', type: 1, value: 1 },
      { field: 'state.reason', type: 1, value: 0 },
    ],
  )
})

test('decodes an error answer with its header', () => {
  const reader = new XdrReader(
    Buffer.from(
      '2000808600000001000000170000000100000008000000010000002a0000000c0000000100000010446f6d61696e206e6f7420666f756e6400000002000000000000000100000010446f6d61696e206e6f7420666f756e640000000000000000ffffffffffffffff00000000',
      'hex',
    ),
  )
  expect(decodeVirNetMessageHeader(reader)).toMatchObject({ proc: 23, serial: 8, status: VIR_NET_ERROR })
  const error = decodeVirNetMessageError(reader)
  reader.end()
  expect(error).toMatchObject({ code: 42, domain: 12, message: 'Domain not found', level: 2, dom: null, int1: -1 })
})

test('typed parameters come back as they went', () => {
  const param = fc.oneof(
    fc.record({ type: fc.constant(1), value: fc.integer() }),
    fc.record({ type: fc.constant(2), value: fc.nat({ max: 0xffffffff }) }),
    fc.record({ type: fc.constant(3), value: fc.maxSafeInteger() }),
    fc.record({ type: fc.constant(4), value: fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }) }),
    fc.record({ type: fc.constant(5), value: fc.double() }),
    fc.record({ type: fc.constant(6), value: fc.boolean() }),
    fc.record({ type: fc.constant(7), value: fc.string().map(text => text.replaceAll('\0', '')) }),
  )
  fc.assert(
    fc.property(param, ({ type, value }) => {
      const writer = new XdrWriter()
      encodeRemoteTypedParam(writer, { field: 'x', type, value })
      const read = decodeRemoteTypedParam(new XdrReader(writer.bytes()))
      // XDR has no negative zero for integers.
      expect(read).toEqual({ field: 'x', type, value: type < 5 && value === 0 ? 0 : value })
    }),
  )
})

test.each<RemoteTypedParam>([
  { field: 'x', type: 1, value: 'text' },
  { field: 'x', type: 4, value: -1 },
  { field: 'x', type: 4, value: 1.5 },
  { field: 'x', type: 6, value: 1 },
  { field: 'x', type: 7, value: 1 },
  { field: 'x', type: 8, value: 1 },
])('refuses to write a typed parameter of type $type with value $value', param => {
  expect(() => encodeRemoteTypedParam(new XdrWriter(), param)).toThrow(XdrError)
})

test('any bytes decode or throw XdrError, for every procedure and event', () => {
  // Small words make plausible counts and flags; anything else hits the limits.
  const word = fc.oneof(
    fc.nat({ max: 4 }),
    fc.constantFrom(0xffffffff, 0x7fffffff, 0x4000),
    fc.nat({ max: 0xffffffff }),
  )
  const bytes = fc.tuple(fc.array(word, { maxLength: 40 }), fc.nat({ max: 3 })).map(([words, cut]) => {
    const data = Buffer.alloc(words.length * 4)
    words.forEach((value, index) => data.writeUInt32BE(value, index * 4))
    return data.subarray(0, Math.max(0, data.length - cut))
  })
  fc.assert(
    fc.property(fc.constantFrom(...decoders), bytes, (decoder, data) => {
      const reader = new XdrReader(data)
      try {
        decoder.decode(reader)
      } catch (error) {
        if (!(error instanceof XdrError)) throw error
      }
      expect(reader.offset).toBeLessThanOrEqual(data.length)
    }),
    { numRuns: 3000 },
  )
})
