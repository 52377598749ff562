/** What cloud-init would be told, before it is known of what image. */
import { randomUUID } from 'node:crypto'
import { RemoteError, type CreateDraft, type CreateSeed } from '../../contract/index.ts'
import { seedDocuments } from '../../cloud-init/index.ts'
import type { CreationHost } from '../../hypervisor/creation.ts'
import type { Operation } from '../../hypervisor/driver.ts'
import { decideNics, type DecidedNic } from './decide-nics.ts'
import { seedOf } from './decide.ts'
import { presumedSource, type ResolveSource } from './source.ts'

export interface Preview {
  readonly host: CreationHost
  readonly resolve: ResolveSource
  readonly agentThere: boolean
  readonly mac: () => string
}

/** What is wrong with the network is the plan's to say: user-data can be read all the same. */
const nicsOf = ({ networks }: CreateDraft, { host, mac }: Preview): readonly DecidedNic[] => {
  try {
    return decideNics(networks, host, mac)
  } catch (error) {
    if (error instanceof RemoteError) return []
    throw error
  }
}

/** Throws `invalid-input` for user-data that cannot be used. */
export const seedPreview = async (draft: CreateDraft, preview: Preview, operation: Operation): Promise<CreateSeed> => {
  const { host, resolve, agentThere } = preview
  const source = await resolve(draft.source, operation, false).catch(() => presumedSource(draft.source))
  operation.signal.throwIfAborted()
  const seed = seedOf(draft, { source, host, agentThere }, nicsOf(draft, preview), { uuid: randomUUID() })
  if (seed === null) return { seed: null, warnings: [] }
  const { warnings, ...texts } = seedDocuments(seed)
  return { seed: texts, warnings: [...warnings] }
}
