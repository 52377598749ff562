import { expect, test } from 'vitest'
import { parseSession, parseUtmp } from './account.ts'

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function record(size: number, timeAt: number, type: number, name: string): Uint8Array {
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  view.setInt16(0, type, true)
  bytes.set(new TextEncoder().encode('pts/0'), 8)
  bytes.set(new TextEncoder().encode(name), 44)
  bytes.set(new TextEncoder().encode('10.0.0.1'), 76)
  view.setInt32(timeAt, 1_700_000_000, true)
  return bytes
}

const alice = { name: 'alice', login_at_ms: 1_700_000_000_000, terminal: 'pts/0', host: '10.0.0.1' }

test('reads who is logged in from utmp, on both kinds of processor', () => {
  const x64 = new Uint8Array([...record(384, 340, 2, 'reboot'), ...record(384, 340, 7, 'alice'), 1, 2, 3])
  expect(parseUtmp(x64, 'x64', decode)).toEqual([alice])
  expect(parseUtmp(record(400, 344, 7, 'alice'), 'arm64', decode)).toEqual([alice])
})

test('a name that fills its field has no end', () => {
  expect(parseUtmp(record(384, 340, 7, 'a'.repeat(32)), 'x64', decode)[0]?.name).toBe('a'.repeat(32))
})

test('reads a session of logind, and leaves out those of its own', () => {
  const text = 'UID=1000\nUSER=alice\nACTIVE=1\nSTATE=active\nCLASS=user\nTTY=tty1\nREALTIME=1700000000000000\n'
  expect(parseSession(text)).toEqual({ ...alice, terminal: 'tty1', host: '' })
  expect(parseSession(text.replace('CLASS=user', 'CLASS=greeter'))).toBeNull()
  expect(parseSession(text.replace('STATE=active', 'STATE=closing'))).toBeNull()
  expect(parseSession(text.replace(/REALTIME=.*/, 'REALTIME=x'))?.login_at_ms).toBeNull()
  expect(parseSession('')).toBeNull()
})
