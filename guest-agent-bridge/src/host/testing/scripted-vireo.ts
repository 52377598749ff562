/** A Vireo agent of which the test plays the part: capabilities are answered, the rest is the test's. */
import { vireoChannel } from '../../protocol/vireo/index.ts'
import type { GuestAgent } from '../guest-agent.ts'
import { vireoDialect } from '../vireo/dialect.ts'
import { ScriptedAgent, type Heard } from './scripted-agent.ts'
import { linkTo } from './scripted-link.ts'

export const CAPABILITIES = {
  ...{ agent: 'vireo', version: '0.1.0', protocol: 1, platform: 'linux', architecture: 'x86_64', user: 'root' },
  ...{ privileged: true, pid: 1, started_at_ms: 0, unavailable: [], restrictions: [] },
  methods: [
    ...['telemetry.get', 'telemetry.subscribe', 'get_system_info', 'users.list'],
    ...[
      'process.list',
      'process.kill',
      'service.list',
      'service.control',
      'exec.start',
      'file.read',
      'file.write.begin',
    ],
    ...['file.write.chunk', 'file.write.commit', 'directory.list', 'file.stat', 'directory.create', 'file.remove'],
    ...['time.set', 'password.set', 'quiesce.freeze', 'quiesce.thaw', 'filesystem.trim', 'system.shutdown'],
  ],
  limits: {
    ...{ max_message_bytes: 1_048_576, max_chunk_bytes: 65_536, max_concurrent_requests: 10 },
    ...{ max_command_timeout_seconds: null, max_file_bytes: null },
  },
}

export interface ScriptedVireo {
  readonly guest: ScriptedAgent
  readonly agent: GuestAgent
}

/** `answer` gives a method's result, or undefined to leave it to the test. */
export const scriptedVireo = async (
  answer: (request: Heard) => unknown = () => undefined,
  capabilities: object = CAPABILITIES,
): Promise<ScriptedVireo> => {
  const guest = new ScriptedAgent()
  guest.onRequest(request => {
    const result = request.method === 'agent.capabilities' ? capabilities : answer(request)
    if (result === undefined) guest.heard.push(request)
    else guest.result(request.id, result)
  })
  const link = linkTo({ [vireoChannel]: { open: () => guest.host } })
  const agent = await vireoDialect.connect(link, { signal: new AbortController().signal })
  return { guest, agent }
}
