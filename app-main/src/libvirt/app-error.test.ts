import { expect, test } from 'vitest'
import { AppError, RemoteError } from '../contract/error.ts'
import { toAppError, toRemoteError } from './app-error.ts'
import { AbortedError, ConnectionError, LibvirtError, PermissionError, ProtocolError, TimeoutError } from './errors.ts'

const sent = (code: number, message = 'it failed', domain = 10) =>
  new LibvirtError({ code, domain, message, level: 2, str1: null, str2: null, str3: null })

test.each([
  ['no domain', sent(42), { kind: 'not-found' }],
  ['no volume', sent(50), { kind: 'not-found' }],
  ['wrong state', sent(55), { kind: 'precondition' }],
  ['exists', sent(28), { kind: 'precondition' }],
  ['no support', sent(3), { kind: 'unsupported' }],
  ['unknown procedure', sent(39, 'unknown procedure: 500', 7), { kind: 'unsupported' }],
  ['another RPC failure', sent(39, 'stream had I/O failure'), { kind: 'libvirt', code: 39, domain: 10 }],
  ['no agent', sent(86), { kind: 'precondition' }],
  ['bad XML', sent(27), { kind: 'invalid-input' }],
  ['a console in use', sent(9, 'operation failed: Active console session exists for this domain'), { kind: 'busy' }],
  ['read only', sent(29, 'operation forbidden for read only access'), { kind: 'permission' }],
  ['access denied', sent(88), { kind: 'permission' }],
  ['anything else', sent(1), { kind: 'libvirt', code: 1, domain: 10 }],
  ['a missed deadline', new TimeoutError('x', 5), { kind: 'timeout' }],
  ['a caller who gave up', new AbortedError('x'), { kind: 'cancelled' }],
  ['garbage', new ProtocolError('x'), { kind: 'connection', trouble: 'protocol' }],
  ['no daemon', new ConnectionError('not-running', 'x', { fix: ['do'] }), { kind: 'connection', fix: ['do'] }],
  ['a bug', new TypeError('x is not a function'), { kind: 'internal' }],
  ['not even an error', 'x', { kind: 'internal', message: 'x' }],
])('%s', (_name, error, expected) => {
  const detail = toAppError(error)
  expect(detail).toMatchObject(expected)
  expect(AppError.parse(detail)).toEqual(detail)
})

test('a refusal by polkit names its action and the fix, and that the login is stale afterwards', () => {
  const detail = toAppError(new PermissionError('refused', { action: 'org.libvirt.unix.manage' }))
  expect(detail).toMatchObject({ kind: 'permission', action: 'org.libvirt.unix.manage' })
  if (detail.kind !== 'permission') throw new Error('wrong kind')
  expect(detail.fix?.[0]).toMatch(/^sudo usermod -aG libvirt ./)
  expect(detail.hint).toContain('log in again')
})

test('what is typed already stays as it is', () => {
  const error = new RemoteError({ kind: 'refused', message: 'no' })
  expect(toRemoteError(error)).toBe(error)
  const cause = sent(42)
  expect(toRemoteError(cause)).toMatchObject({ detail: { kind: 'not-found' }, cause })
})
