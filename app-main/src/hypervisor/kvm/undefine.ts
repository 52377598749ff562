/** Removing a machine: first the definition, and its disks only when nobody can be using them any more. */
import { RemoteError } from '../../contract/index.ts'
import { toAppError } from '../../libvirt/app-error.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isNotFound, type Connection, type DomainRef } from '../../libvirt/index.ts'
import type { Definition, DomainKey, Operation } from '../driver.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { begin } from './step.ts'
import { planRemoval, type PlannedDisk, type RemovalPlan } from './removal-plan.ts'
import { giveUp } from '../waiting.ts'

type Options = Parameters<Definition['undefine']>[1]

export const undefine = async (
  connection: DaemonAccess,
  key: DomainKey,
  options: Options,
  operation: Operation,
): Promise<void> => {
  const { ref, daemon } = begin(connection, key, 'undefine')
  operation.progress('Looking at what belongs to it')
  const plan = await planRemoval(daemon, ref, options.storage)
  const side = await connection.side()
  if (operation.signal.aborted) throw giveUp(operation.signal)
  operation.progress('Removing the definition')
  await side.domain.undefineFlags(ref, flagsFor(plan, options))
  await connection.refresh(ref)
  if (options.storage === 'keep') return
  await mustBeGone(side, ref)
  await deleteDisks(side, ref, plan.disks, operation)
}

/** Only what is needed: other drivers know fewer flags than QEMU's. */
const flagsFor = (plan: RemovalPlan, { nvram }: Options): number => {
  let flags = 0
  if (plan.savedState) flags |= v.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
  if (plan.snapshots > 0) flags |= v.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
  if (plan.checkpoints > 0) flags |= v.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
  if (plan.nvram !== null) flags |= nvram === 'delete' ? v.VIR_DOMAIN_UNDEFINE_NVRAM : v.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM
  return flags
}

/** Started by somebody else in this moment, it goes on running without a definition: its disks are in use. */
const mustBeGone = async (daemon: Connection, ref: DomainRef): Promise<void> => {
  try {
    await daemon.domain.lookupByUuid(ref.uuid)
  } catch (error) {
    if (isNotFound(error)) return
    throw error
  }
  throw new RemoteError({
    kind: 'precondition',
    message: `“${ref.name}” was started meanwhile. Its definition is removed, but its disks were kept.`,
  })
}

const deleteDisks = async (
  daemon: Connection,
  ref: DomainRef,
  disks: readonly PlannedDisk[],
  operation: Operation,
): Promise<void> => {
  const deleted: string[] = []
  const doomed = disks.flatMap(({ path, volume }) => (volume === null ? [] : { path, volume }))
  for (const { path, volume } of doomed) {
    try {
      if (operation.signal.aborted) throw giveUp(operation.signal)
      operation.progress(`Deleting ${path}`, deleted.length / doomed.length)
      await daemon.storageVolume.delete(volume)
      deleted.push(path)
    } catch (error) {
      throw half(ref.name, path, deleted, error)
    }
  }
}

const half = (name: string, path: string, deleted: readonly string[], error: unknown): RemoteError => {
  const detail = toAppError(error)
  const done = deleted.length === 0 ? 'No disk was deleted' : `Deleted: ${deleted.join(', ')}`
  return new RemoteError(
    {
      ...detail,
      message: `The definition of “${name}” is removed, but its disk ${path} is still there: ${detail.message} ${done}.`,
      hint: 'Delete what is left in its storage pool.',
    },
    { cause: error },
  )
}
