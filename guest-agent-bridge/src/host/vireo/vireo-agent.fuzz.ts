import {
  ExecEnd,
  ExecSpec,
  GuestEntry,
  GuestFilesystem,
  GuestInterface,
  GuestProcess,
  GuestService,
  GuestSystem,
  GuestTelemetry,
  GuestUser,
  RemoteError,
} from '@vireo/app-main/contract'
import fc from 'fast-check'
import type { Asking, GuestAgent } from '../guest-agent.ts'
import { fuzzTarget } from '../testing/fuzz-target.ts'
import { CAPABILITIES, scriptedVireo } from '../testing/scripted-vireo.ts'

interface Checker {
  parse(value: unknown): unknown
}

const asking: Asking = { signal: new AbortController().signal }

/** Every question whose answer has a shape in the contract. */
const QUESTIONS: readonly [string, Checker, (agent: GuestAgent) => Promise<unknown>][] = [
  ['get_system_info', GuestSystem, agent => agent.system(asking)],
  ['telemetry.get', GuestInterface.array(), agent => agent.interfaces(asking)],
  ['telemetry.get', GuestFilesystem.array(), agent => agent.filesystems(asking)],
  ['users.list', GuestUser.array(), agent => agent.users(asking)],
  ['process.list', GuestProcess.array(), agent => agent.processes(asking)],
  ['service.list', GuestService.array(), agent => agent.services(asking)],
  ['telemetry.get', GuestTelemetry, agent => agent.telemetry(asking)],
  ['file.stat', GuestEntry, agent => agent.stat('/x', asking)],
  ['directory.list', GuestEntry.array(), agent => agent.list('/x', asking)],
]

const number = fc.oneof(fc.nat(), fc.integer(), fc.double(), fc.constantFrom(-1, 0, 2 ** 53, 1e300, -0.5))
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('', '..', 'a/b', 'eth0', 'up', 'systemd', 'running', 'file', '\u001b[2J', '10.0.0.1/24', 'S'),
)
const scalar = fc.oneof(number, text, fc.boolean(), fc.constant(null), fc.constant(undefined))

/** Members that some answer has, with likely and unlikely values. */
const member = (names: readonly string[]) =>
  fc.record(Object.fromEntries(names.map(name => [name, scalar])), { requiredKeys: [] })
const NAMES = {
  items: [
    ...[
      'name',
      'mac_address',
      'state',
      'mtu',
      'mount_point',
      'device',
      'fs_type',
      'total_bytes',
      'used_bytes',
      'pid',
      'uid',
    ],
    ...[
      'available_bytes',
      'used_percent',
      'login_at_ms',
      'terminal',
      'host',
      'parent_pid',
      'command',
      'user',
      'cpu_percent',
    ],
    ...[
      'memory_bytes',
      'threads',
      'started_at_ms',
      'description',
      'enabled',
      'type',
      'size_bytes',
      'mode',
      'gid',
      'owner',
    ],
    ...['group', 'modified_at_ms', 'link_target'],
  ],
  facts: [
    ...[
      'os_type',
      'os_name',
      'os_version',
      'kernel_version',
      'hostname',
      'architecture',
      'cpu_count',
      'total_memory_kb',
    ],
    ...['uptime_seconds', 'time_ms', 'cpu_percent', 'memory_total_bytes', 'memory_available_bytes', 'swap_total_bytes'],
    ...['swap_used_bytes', 'process_count', 'path', 'init'],
  ],
}
const items = fc.array(member(NAMES.items), { maxLength: 3 })
const answer = fc.oneof(
  fc.jsonValue(),
  fc
    .record({
      facts: member(NAMES.facts),
      load: fc.array(number, { maxLength: 4 }),
      ...{ interfaces: items, filesystems: items, sessions: items, processes: items, services: items, entries: items },
      ...{ entry: member(NAMES.items), accounts: fc.constant([]), next: fc.constantFrom(null, 1, 'x'), total: number },
    })
    .map(({ facts, ...rest }) => ({ ...facts, ...rest })),
)

const held = async (promise: Promise<unknown>, shape: Checker): Promise<void> => {
  const value = await promise.catch((error: unknown) => {
    if (error instanceof RemoteError) return error
    throw error
  })
  if (!(value instanceof RemoteError)) shape.parse(value)
}

const notice = fc.oneof(
  fc.record({
    method: fc.constant('exec.output'),
    params: fc.record({ id: fc.nat({ max: 2 }), stream: scalar, data: scalar }),
  }),
  fc.record({
    method: fc.constant('exec.output'),
    params: fc.record({
      id: fc.constant(1),
      stream: fc.constantFrom('stdout', 'stderr'),
      data: fc.base64String({ maxLength: 100 }),
    }),
  }),
  fc.record({ method: fc.constantFrom('exec.end', 'telemetry', 'exec.output', 'x'), params: fc.jsonValue() }),
)

export const targets = [
  fuzzTarget(
    'any answer gives what the contract says, or a typed failure',
    fc.asyncProperty(fc.constantFrom(...QUESTIONS), answer, async ([, shape, ask], result) => {
      const { agent } = await scriptedVireo(() => result)
      await held(ask(agent), shape)
      agent.close()
    }),
  ),
  fuzzTarget(
    'any capabilities give an agent or a typed failure',
    fc.asyncProperty(member(Object.keys(CAPABILITIES)), async changes => {
      const connecting = scriptedVireo(undefined, { ...CAPABILITIES, ...changes })
      const value = await connecting.catch((error: unknown) => error)
      if (value instanceof RemoteError) return
      if (value instanceof Error) throw value
      ;(await connecting).agent.close()
    }),
  ),
  fuzzTarget(
    'a command ends as its agent says whatever else it says',
    fc.asyncProperty(fc.array(notice, { maxLength: 20 }), async notices => {
      const { agent, guest } = await scriptedVireo(request => {
        if (request.method !== 'exec.start') return {}
        guest.result(request.id, { id: 1, pid: 5 })
        for (const { method, params } of notices) guest.notice(method, params)
        guest.notice('exec.end', {
          ...{ id: 1, exit_code: 3, signal: null, timed_out: false, cancelled: false, stdout_truncated: false },
          ...{ stderr_truncated: false, stdout_bytes: 0, stderr_bytes: 0, duration_ms: 5 },
        })
        return undefined
      })
      let bytes = 0
      const input = { onOutput: (_: string, part: Uint8Array) => void (bytes += part.length) }
      await held(agent.exec(ExecSpec.parse({ shell: 'x', maxOutputBytes: 50 }), input, asking), ExecEnd)
      if (bytes > 100) throw new Error('more output than was asked for')
      agent.close()
    }),
  ),
]
