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
import { checkHarmless } from '../testing/harmless.ts'
import { mutated } from '../testing/mutated.ts'
import { CAPABILITIES, scriptedVireo } from '../testing/scripted-vireo.ts'

interface Checker {
  parse(value: unknown): unknown
}

const asking: Asking = { signal: new AbortController().signal }

const FILESYSTEM = {
  ...{ mount_point: '/', device: '/dev/vda1', fs_type: 'ext4', total_bytes: 9, used_bytes: 4, available_bytes: 5 },
  used_percent: 44.4,
}
const INTERFACE = {
  ...{ name: 'eth0', mac: '52:54:00:00:00:01', addresses: ['10.0.0.2/24', 'fe80::1/64'], up: true, mtu: 1500 },
  ...{ received_bytes: 1, sent_bytes: 2, received_packets: 0, sent_packets: 0, receive_errors: 0, send_errors: 0 },
}
const TELEMETRY = {
  ...{
    time_ms: 0,
    cpu_percent: 5,
    cpu_count: 1,
    memory_total_bytes: 4,
    memory_available_bytes: 2,
    swap_total_bytes: 0,
  },
  ...{ swap_used_bytes: 0, load: [0, 0.5, 1], process_count: 1, uptime_seconds: 5.5 },
  ...{ filesystems: [FILESYSTEM], interfaces: [INTERFACE] },
}
const SYSTEM = {
  ...{
    os_type: 'linux',
    os_name: 'Debian',
    os_version: '12',
    kernel_version: '6.1',
    hostname: 'guest',
    init: 'systemd',
  },
  ...{ architecture: 'x86_64', cpu_count: 2, total_memory_kb: 1024, uptime_seconds: 9, time_ms: 5, timezone: null },
}
const PROCESS = {
  ...{ pid: 2, parent_pid: 1, name: 'sh', command: 'sh -c', uid: 0, user: null, cpu_percent: 0, memory_bytes: 1 },
  ...{ state: 'S', threads: 1, started_at_ms: 0 },
}
const SERVICE = { name: 'ssh', description: null, state: 'running', enabled: true }
const ENTRY = {
  ...{ name: 'file', type: 'link', size_bytes: 1, mode: 0o644, uid: 0, gid: 0, owner: 'root', group: null },
  ...{ modified_at_ms: 0, link_target: '/x' },
}
const SESSION = { name: 'root', login_at_ms: null, terminal: 'tty1', host: '' }

/** Every question whose answer has a shape in the contract, with a good answer. */
const QUESTIONS: readonly { good: object; shape: Checker; ask: (agent: GuestAgent) => Promise<unknown> }[] = [
  { good: SYSTEM, shape: GuestSystem, ask: agent => agent.system(asking) },
  { good: TELEMETRY, shape: GuestTelemetry, ask: agent => agent.telemetry(asking) },
  { good: TELEMETRY, shape: GuestInterface.array(), ask: agent => agent.interfaces(asking) },
  { good: TELEMETRY, shape: GuestFilesystem.array(), ask: agent => agent.filesystems(asking) },
  { good: { sessions: [SESSION], accounts: [] }, shape: GuestUser.array(), ask: agent => agent.users(asking) },
  {
    good: { processes: [PROCESS], next: null, total: 1 },
    ...{ shape: GuestProcess.array(), ask: agent => agent.processes(asking) },
  },
  {
    good: { init: 'systemd', services: [SERVICE], next: null, total: 1 },
    ...{ shape: GuestService.array(), ask: agent => agent.services(asking) },
  },
  { good: { entry: ENTRY, path: '/x' }, shape: GuestEntry, ask: agent => agent.stat('/x', asking) },
  {
    good: { path: '/x', entries: [ENTRY], next: null, total: 1 },
    ...{ shape: GuestEntry.array(), ask: agent => agent.list('/x', asking) },
  },
]

const question = fc.constantFrom(...QUESTIONS).chain(one => mutated(one.good).map(answer => ({ ...one, answer })))
const scalar = fc.oneof(fc.nat(), fc.double(), fc.string({ maxLength: 20 }), fc.constantFrom(null, true, undefined))

const held = async (promise: Promise<unknown>, shape: Checker): Promise<void> => {
  const value = await promise.catch((error: unknown) => {
    if (error instanceof RemoteError) return error
    throw error
  })
  if (!(value instanceof RemoteError)) shape.parse(value)
  checkHarmless(value)
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
    fc.asyncProperty(question, async ({ shape, ask, answer }) => {
      const { agent } = await scriptedVireo(() => answer ?? {})
      await held(ask(agent), shape)
      agent.close()
    }),
  ),
  fuzzTarget(
    'any capabilities give an agent or a typed failure',
    fc.asyncProperty(mutated(CAPABILITIES), async capabilities => {
      const connecting = scriptedVireo(undefined, Object(capabilities))
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
