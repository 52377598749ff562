/** Commands through a machine's serial line: no agent and no network, but whoever looks at the line sees them too. */
import { RemoteError, type DomainId } from '../../../contract/index.ts'
import type { Found } from '../../connection/connection-set.ts'
import type { ExecWay } from '../exec-methods.ts'
import { ConsoleLine } from './console-line.ts'
import { HelperTalk } from './helper-talk.ts'
import { LineLocks } from './line-locks.ts'
import type { Logins } from './logins.ts'
import { openShell } from './open-shell.ts'
import { runOverSerial } from './serial-command.ts'

export interface SerialWayOptions {
  /** The machine, when it runs; rejects when it does not. */
  readonly running: (id: DomainId, signal: AbortSignal) => Promise<Found>
  readonly logins: Logins
  readonly locks?: LineLocks
  /** How long Enter, and a shell, may take to be answered, in milliseconds. */
  readonly answerMs?: number
}

/** How long a command waits for the one before it, in milliseconds. */
const QUEUE_MS = 15_000

const notRoot = (user: string, who: string): RemoteError =>
  new RemoteError({
    kind: 'unsupported',
    message: `“${who}” is logged in on the serial line and cannot become “${user}”.`,
    hint: 'Log in as root there, or as that user.',
  })

export const serialWay = ({ running, logins, locks = new LineLocks(), answerMs }: SerialWayOptions): ExecWay => ({
  async open(id, spec, { signal }, { automatic, login: given }) {
    const { connection, key, summary } = await running(id, signal)
    const { name } = summary
    const unlock = await locks.acquire(`${connection.uri} ${key}`, name, QUEUE_MS, signal)
    let line: ConsoleLine | null = null
    let talk: HelperTalk | null = null
    const release = (): void => {
      const close = (): void => {
        line?.close()
        unlock()
      }
      // A helper that ran nothing still has the line: the next command needs the shell's own prompt.
      if (talk === null) close()
      else void talk.leave().finally(close)
    }
    const login = given ?? logins.get(id)
    try {
      line = new ConsoleLine(await connection.console.serial(key, { takeOver: false }))
      const { ours } = await openShell(line, { name, login, automatic, signal, answerMs })
      const helper = await HelperTalk.start(line, { ours, knockMs: answerMs }, signal)
      talk = helper
      const { root, user } = helper.facts
      if (spec.user !== undefined && spec.user !== user && !root) throw notRoot(spec.user, user)
      return {
        async run(command, input, asking) {
          try {
            return await runOverSerial(helper, command, input, asking)
          } finally {
            await helper.leave()
          }
        },
        release,
      }
    } catch (error) {
      // A wrong password that is tried again and again locks people out.
      if (login && error instanceof RemoteError && error.detail.kind === 'permission') logins.forget(id, login)
      release()
      throw error
    }
  },
})
