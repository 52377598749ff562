/** Files that machines cannot read where they lie are copied into a storage pool: one copy for all who want it. */
import { createReadStream } from 'node:fs'
import { RemoteError } from '../../contract/index.ts'
import type { Creation } from '../../hypervisor/creation.ts'
import type { Operation } from '../../hypervisor/driver.ts'

export interface PoolCopy {
  readonly creation: Pick<Creation, 'volume' | 'createVolume' | 'upload' | 'removeVolume'>
  /** Of the connection. */
  readonly uri: string
  readonly pool: string
  readonly copy: { readonly name: string; readonly bytes: number }
  readonly path: string
  /** For instance `image`. */
  readonly what: string
  /** Copies under way in this process: two machines on one image wait for one copy. */
  readonly copies: Map<string, Promise<void>>
}

const counted = async function* (path: string, total: number, { progress }: Operation, step: string) {
  let done = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const bytes: Uint8Array = chunk
    done += bytes.length
    progress(step, total > 0 ? done / total : 1)
    yield bytes
  }
}

/** A whole copy stays, whatever becomes of this machine: another one may be using it in this moment. */
const copyOnce = async ({ creation, pool, copy, path, what }: PoolCopy, operation: Operation): Promise<void> => {
  const there = await creation.volume(pool, copy.name)
  if (there && there.physicalBytes >= copy.bytes) return
  if (there)
    throw new RemoteError({
      kind: 'precondition',
      message: `“${copy.name}” in “${pool}” is only partly there: its copy is under way, or was interrupted.`,
      hint: `If no other Vireo is at work, remove it: virsh vol-delete --pool ${pool} ${copy.name}`,
    })
  const step = `Copying the ${what} into “${pool}”`
  operation.progress(step, 0)
  // What the file holds is written as it is, whatever the volume is called: it grows to the file's size.
  await creation.createVolume({ pool, name: copy.name, format: 'raw', capacityBytes: 1, shared: true })
  try {
    await creation.upload(pool, copy.name, counted(path, copy.bytes, operation, step), operation.signal)
  } catch (error) {
    // Nobody can be using half a copy.
    await creation.removeVolume(pool, copy.name)
    throw error
  }
}

/** Two machines on one image make one copy: the second waits for the first. */
export const copyIntoPool = async (wanted: PoolCopy, operation: Operation): Promise<void> => {
  const { uri, pool, copy, copies, what } = wanted
  const key = `${uri}\n${pool}\n${copy.name}`
  const others = copies.get(key)
  if (others) {
    operation.progress(`Waiting for the copy of the ${what}`)
    await others.catch(() => undefined)
    operation.signal.throwIfAborted()
    return copyIntoPool(wanted, operation)
  }
  const copying = copyOnce(wanted, operation)
  copies.set(key, copying)
  try {
    await copying
  } finally {
    copies.delete(key)
  }
}
