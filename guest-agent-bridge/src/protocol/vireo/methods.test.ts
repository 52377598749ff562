import * as v from 'valibot'
import { expect, test } from 'vitest'
import * as vireo from './index.ts'

const isMethod = (value: unknown): value is vireo.Method =>
  typeof value === 'object' && value !== null && 'name' in value && 'params' in value && 'result' in value

const everything: readonly unknown[] = Object.values(vireo)
const methods = everything.filter(isMethod)
const accepts = (schema: v.GenericSchema, value: unknown): boolean => v.safeParse(schema, value).success

test('every method has a name of its own, in the form of its family', () => {
  const names = methods.map(method => method.name)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(name).toMatch(/^([a-z]+(_[a-z]+)*|[a-z]+(\.[a-z]+)+)$/)
})

test('KVM Manager’s ten methods are all there', () => {
  const theirs = ['ping', 'get_agent_info', 'get_system_info', 'get_network_info', 'get_disk_usage']
  const more = ['exec_command', 'file_read', 'file_write', 'shutdown', 'reboot']
  expect(methods.map(method => method.name)).toEqual(expect.arrayContaining([...theirs, ...more]))
})

test('what KVM Manager’s own agent answers is understood', () => {
  const uname = { os_type: 'linux', os_name: 'Debian GNU/Linux', os_version: '12 (bookworm)', kernel_version: '6.1' }
  const rest = {
    hostname: 'a',
    architecture: 'x86_64',
    cpu_count: 2,
    total_memory_kb: 25_276_502_016,
    uptime_seconds: 5,
  }
  expect(accepts(vireo.getSystemInfo.result, { ...uname, ...rest })).toBe(true)
  const lo = {
    name: 'lo',
    mac_address: '',
    ipv4_addresses: ['127.0.0.1/8'],
    ipv6_addresses: [],
    state: 'up',
    mtu: 1500,
  }
  expect(accepts(vireo.getNetworkInfo.result, { interfaces: [lo] })).toBe(true)
  expect(accepts(vireo.execCommand.result, { exit_code: -1, stdout: '', stderr: '', execution_time_ms: 3 })).toBe(true)
})

test('defaults are filled in, unknown members dropped', () => {
  expect(v.parse(vireo.fileWriteWhole.params, { path: '/a', content: '', more: 1 })).toEqual({
    path: '/a',
    content: '',
    encoding: 'utf8',
    create_dirs: false,
  })
  expect(v.parse(vireo.execStart.params, { shell: 'true' })).toEqual({
    shell: 'true',
    env: {},
    timeout_seconds: 60,
    max_output_bytes: 1024 * 1024,
    stdin: false,
    window_bytes: 256 * 1024,
  })
})

const wrong: readonly (readonly [string, v.GenericSchema, unknown])[] = [
  ['a relative path', vireo.fileRead.params, { path: 'a' }],
  ['a path with NUL', vireo.fileRead.params, { path: '/a\0' }],
  ['an endless path', vireo.fileRead.params, { path: `/${'a'.repeat(4096)}` }],
  ['a negative offset', vireo.fileRead.params, { path: '/a', offset: -1 }],
  ['half a byte', vireo.fileRead.params, { path: '/a', offset: 0.5 }],
  ['more than can be counted', vireo.fileRead.params, { path: '/a', offset: 2 ** 60 }],
  ['an endless length', vireo.fileRead.params, { path: '/a', length: Infinity }],
  ['a mode beyond its bits', vireo.directoryCreate.params, { path: '/a', mode: 0o10000 }],
  ['a token that is a path', vireo.fileWriteBegin.params, { path: '/a', resume: '../../../../etc/shadow-----------' }],
  ['both shell and args', vireo.execStart.params, { shell: 'a', args: ['b'] }],
  ['neither shell nor args', vireo.execStart.params, {}],
  ['no program', vireo.execStart.params, { args: [] }],
  ['a variable that is none', vireo.execStart.params, { shell: 'a', env: { 'A=B': 'c' } }],
  ['an owner that is an option', vireo.fileWriteBegin.params, { path: '/a', owner: '-R' }],
  ['a service that is an option', vireo.serviceControl.params, { name: '--all', action: 'stop' }],
  ['a service elsewhere', vireo.serviceControl.params, { name: '../x', action: 'stop' }],
  ['an action that is none', vireo.serviceControl.params, { name: 'x', action: 'mask' }],
  ['a freeze without end', vireo.quiesceFreeze.params, { timeout_seconds: 3600 }],
  ['a freeze of nothing', vireo.quiesceFreeze.params, { mount_points: [] }],
  ['a time before time', vireo.timeSet.params, { time_ms: -1 }],
  ['a password of two lines', vireo.passwordSet.params, { user: 'a', password: 'b\nroot:c' }],
  ['a telemetry without pause', vireo.telemetrySubscribe.params, { interval_seconds: 0 }],
]

test.each(wrong)('%s is refused', (_, schema, params) => {
  expect(accepts(schema, params)).toBe(false)
})

test('a hostile agent’s numbers and prototypes do not get through', () => {
  const { result } = vireo.telemetryUnsubscribe
  expect(v.parse(result, JSON.parse('{"__proto__":{"polluted":1}}'))).toEqual({})
  expect(accepts(vireo.fileChecksum.result, { sha256: 'x', size_bytes: 1 })).toBe(false)
  expect(accepts(vireo.processList.result, JSON.parse('{"processes":[],"next":1e999,"total":0}'))).toBe(false)
  expect(v.parse(vireo.execStart.params, JSON.parse('{"shell":"a","env":{"__proto__":"b"}}'))).toMatchObject({
    env: {},
  })
})
