/** One machine of one command: found, its connection unlocked, everything let go at the end. */
import type { DomainSummary } from '../../contract/index.ts'
import type { Parts } from './parts.ts'
import { connectionIn } from './resolve.ts'
import { Session } from './session.ts'

/** `name` as it was typed; `connections` those named on the command line. */
export const withMachine = async <T>(
  parts: Parts,
  { name, connections }: { readonly name: string; readonly connections: readonly string[] | undefined },
  work: (session: Session, machine: DomainSummary) => Promise<T>,
): Promise<T> => {
  const inId = connectionIn(name)
  const asked = connections ?? (inId === undefined ? undefined : [inId])
  const session = new Session(await parts.createBackend({ connections: asked }), asked !== undefined)
  try {
    const machine = await session.domain(name)
    await session.unlock(machine.connection)
    return await work(session, machine)
  } finally {
    session.dispose()
  }
}
