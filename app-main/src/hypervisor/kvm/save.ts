/** Saving memory to disk: minutes for a big machine, with progress, and a way back. */
import { RemoteError } from '../../contract/index.ts'
import { domainAbortJob, domainGetJobInfo } from '../../libvirt/generated/remote-procedures.ts'
import { createLog } from '../../base/log.ts'
import type { DomainKey, Operation } from '../driver.ts'
import { giveUp } from '../waiting.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { begin, seen, type Step } from './step.ts'

const log = createLog('kvm')
const LOOK_MS = 500

export const save = async (connection: DaemonAccess, key: DomainKey, operation: Operation): Promise<void> => {
  const step = begin(connection, key, 'save')
  if (!step.summary.persistent)
    throw new RemoteError({
      kind: 'precondition',
      message: `“${step.summary.name}” ceases to exist when it stops, so its memory cannot be kept.`,
    })
  operation.progress('Saving its memory', 0)
  const side = await connection.side()
  const watch = setInterval(() => void report(step, operation), LOOK_MS)
  let cancelling: NodeJS.Timeout | undefined
  // The job is ended on the first connection: the other one is waiting for it. It may not have begun yet.
  const abort = () => {
    void abortJob(step)
    cancelling = setInterval(() => void abortJob(step), LOOK_MS)
  }
  operation.signal.addEventListener('abort', abort)
  try {
    if (operation.signal.aborted) throw giveUp(operation.signal)
    await side.domain.managedSave(step.ref)
  } catch (error) {
    throw operation.signal.aborted ? giveUp(operation.signal) : error
  } finally {
    clearInterval(watch)
    clearInterval(cancelling)
    operation.signal.removeEventListener('abort', abort)
  }
  await seen(connection, step, ['saved'], new AbortController().signal)
}

const report = async ({ daemon, ref }: Step, operation: Operation): Promise<void> => {
  try {
    const job = await daemon.call(domainGetJobInfo, { dom: ref }, { deadlineMs: 5000 })
    const total = Number(job.dataTotal)
    if (total > 0) operation.progress('Saving its memory', Number(job.dataProcessed) / total)
  } catch {
    // Progress is an extra: the save itself says how it went.
  }
}

const abortJob = async ({ daemon, ref }: Step): Promise<void> => {
  try {
    await daemon.call(domainAbortJob, { dom: ref }, { deadlineMs: 10_000 })
  } catch (error) {
    // It ended by itself in this moment, or cannot be ended: the save is still waited for, and says how it went.
    log.debug('a save could not be cancelled', { domain: ref.name, error })
  }
}
