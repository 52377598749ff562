import {
  ExecEnd,
  ExecSpec,
  GuestFilesystem,
  GuestInterface,
  GuestProcess,
  GuestSystem,
  RemoteError,
} from '@vireo/app-main/contract'
import fc from 'fast-check'
import type { Asking, GuestAgent } from '../guest-agent.ts'
import { fuzzTarget } from '../testing/fuzz-target.ts'
import { checkHarmless } from '../testing/harmless.ts'
import { mutated } from '../testing/mutated.ts'
import { ScriptedAgent } from '../testing/scripted-agent.ts'
import { linkTo } from '../testing/scripted-link.ts'
import { kvmManagerDialect } from './dialect.ts'

const asking: Asking = { signal: new AbortController().signal }

const GOOD: Readonly<Record<string, unknown>> = {
  ping: { pong: true, timestamp: 1 },
  get_agent_info: { version: '0.1.0', platform: 'linux', capabilities: ['ping'] },
  get_system_info: {
    ...{ os_name: 'Debian', os_version: '12', kernel_version: '6.1', hostname: 'guest', architecture: 'x86_64' },
    ...{ cpu_count: 1, total_memory_kb: 1024, uptime_seconds: 1 },
  },
  get_network_info: {
    interfaces: [
      { name: 'eth0', mac_address: '52:54:00:00:00:01', ipv4_addresses: ['10.0.0.2/24'], ipv6_addresses: [] },
    ],
  },
  get_disk_usage: {
    filesystems: [
      { mount_point: '/', device: '/dev/vda', fs_type: 'ext4', total_bytes: 3, used_bytes: 1, available_bytes: 2 },
    ],
  },
  exec_command: { exit_code: 0, stdout: 'cpu  1 2 3 4\n--vireo--\nMemTotal: 5 kB\n', stderr: '', execution_time_ms: 1 },
}

interface Checker {
  parse(value: unknown): unknown
}

const spec = ExecSpec.parse({ args: ['x'] })
const QUESTIONS: readonly { method: string; shape: Checker; ask: (agent: GuestAgent) => Promise<unknown> }[] = [
  { method: 'get_system_info', shape: GuestSystem, ask: agent => agent.system(asking) },
  { method: 'get_network_info', shape: GuestInterface.array(), ask: agent => agent.interfaces(asking) },
  { method: 'get_disk_usage', shape: GuestFilesystem.array(), ask: agent => agent.filesystems(asking) },
  { method: 'exec_command', shape: GuestProcess.array(), ask: agent => agent.processes(asking) },
  { method: 'exec_command', shape: ExecEnd, ask: agent => agent.exec(spec, { onOutput: () => undefined }, asking) },
]

const question = fc
  .constantFrom(...QUESTIONS)
  .chain(one => mutated(GOOD[one.method]).map(answer => ({ ...one, answer })))

const connect = async (answers: Readonly<Record<string, unknown>>): Promise<GuestAgent> => {
  const guest = new ScriptedAgent()
  guest.onRequest(({ id, method }) => guest.result(id, answers[method] ?? null))
  const link = linkTo({ [kvmManagerDialect.channel]: { open: () => guest.host } })
  return kvmManagerDialect.connect(link, asking)
}

const failureOf = (error: unknown): RemoteError => {
  if (error instanceof RemoteError) return error
  throw error
}

export const targets = [
  fuzzTarget(
    'any answer gives what the contract says, or a typed failure',
    fc.asyncProperty(question, async ({ method, shape, ask, answer }) => {
      const answers: Record<string, unknown> = { ...GOOD }
      const agent = await connect(answers)
      answers[method] = answer
      const value = await ask(agent).catch(failureOf)
      if (!(value instanceof RemoteError)) shape.parse(value)
      checkHarmless(value)
      agent.close()
    }),
  ),
  fuzzTarget(
    'any first words give an agent or a typed failure',
    fc.asyncProperty(fc.constantFrom('ping', 'get_agent_info', 'exec_command'), mutated({}), async (method, answer) => {
      const agent = await connect({ ...GOOD, [method]: answer }).catch(failureOf)
      if (!(agent instanceof RemoteError)) agent.close()
    }),
  ),
]
