/** What can be seen of a machine's first start through its connection and its agents. */
import { RemoteError, type DomainId, type GuestDialect } from '../../contract/index.ts'
import { withDeadline } from '../../base/deadline.ts'
import { readBootStatus } from '../../cloud-init/index.ts'
import type { ConnectionSet } from '../connection/connection-set.ts'
import type { GuestSessions } from '../guest/guest-sessions.ts'
import { placeOf } from '../ssh/ssh-targets.ts'
import { bootLineOf } from './boot-line.ts'
import type { BootView } from './first-boot.ts'
import { speaksSsh } from './ssh-banner.ts'

/** One look; the next one comes soon enough, milliseconds. */
const LOOK_MS = 20_000
const MOST_BYTES = 64 * 1024

const NAMES: Readonly<Partial<Record<GuestDialect, string>>> = {
  vireo: 'the Vireo agent',
  'qemu-ga': 'qemu-guest-agent',
}

const isKind = (error: unknown, ...kinds: readonly string[]): boolean =>
  error instanceof RemoteError && kinds.includes(error.detail.kind)

export const bootView = (
  id: DomainId,
  connections: ConnectionSet,
  sessions: Pick<GuestSessions, 'use' | 'status'>,
): BootView => {
  const look = <T>(what: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    withDeadline({ ms: LOOK_MS, what, signal }, work)
  /** Null: the guest has no such file. Rejects with `unsupported` when it shows none at all. */
  const read = (path: string, signal: AbortSignal): Promise<string | null> =>
    sessions.use(id, { feature: 'read-file', signal }, async (agent, asking) => {
      try {
        const { bytes } = await agent.readFile(path, 0, MOST_BYTES, asking)
        return Buffer.from(bytes).toString('utf8')
      } catch (error) {
        if (isKind(error, 'not-found')) return null
        throw error
      }
    })
  const line = bootLineOf(signal =>
    look('Opening its serial line', signal, async own => {
      const { connection, key } = await connections.domain(id, own)
      const opened = await connection.console.serial(key, { takeOver: false })
      // Nobody waits for it any more.
      if (own.aborted) opened.destroy()
      return opened
    }),
  )
  return {
    phase: line.phase,
    leaveLine: line.leave,
    state: signal =>
      look('Looking at the machine', signal, async own => {
        try {
          return (await connections.domain(id, own)).summary.state
        } catch (error) {
          if (isKind(error, 'not-found')) return null
          throw error
        }
      }),
    address: signal =>
      look('Looking for its address', signal, async own => {
        const { connection, key } = await connections.domain(id, own)
        return placeOf(await connection.inspect.addresses(key))
      }),
    agent: signal =>
      look('Looking for its agent', signal, async own => {
        const { primary } = await sessions.status(id, own)
        return primary === null ? null : (NAMES[primary] ?? primary)
      }),
    cloudInit: signal =>
      look('Asking cloud-init', signal, async own => {
        const { agents } = await sessions.status(id, own)
        const shows = agents.some(({ state, features }) => state === 'answering' && features['read-file'] === undefined)
        return shows ? readBootStatus(path => read(path, own)) : null
      }),
    ssh: speaksSsh,
  }
}
