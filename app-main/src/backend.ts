/** Composition root: drivers, services and the dispatcher of one process. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Emitter } from './base/emitter.ts'
import { contract, type VireoPublish } from './contract/index.ts'
import { createAudit } from './dispatch/audit.ts'
import { createDispatcher } from './dispatch/create-dispatcher.ts'
import type { Dispatcher, PublishedEvent } from './dispatch/dispatcher.ts'
import { KvmDriver } from './hypervisor/kvm/driver.ts'
import { LxdDriver } from './hypervisor/lxd/driver.ts'
import { MemoryDriver } from './hypervisor/memory/driver.ts'
import { DriverRegistry } from './hypervisor/registry.ts'
import { createServices } from './service/services.ts'

export interface BackendOptions {
  /** Why this shell and not another; absent when it is the first choice. */
  readonly shellReason?: string | undefined
  /** Only these connections, instead of the configured ones and the defaults. */
  readonly connections?: readonly string[] | undefined
  readonly environment?: NodeJS.ProcessEnv
  /** Where the agent's program lies that is copied into guests; without it none can be installed. */
  readonly agentFolder?: string | undefined
  /** This process stays: it listens on the ports that lead into machines. */
  readonly forwards?: boolean | undefined
}

const folder = (environment: NodeJS.ProcessEnv, variable: string, ...fallback: string[]): string =>
  join(environment[variable] || join(environment['HOME'] || homedir(), ...fallback), 'vireo')

/** Rejects with the typed failure of a URI in `connections` that cannot be served. */
export const createBackend = async (options: BackendOptions): Promise<Dispatcher> => {
  const { environment = process.env, connections, shellReason = null } = options
  const events = new Emitter<PublishedEvent>()
  const publish: VireoPublish = (room, name, payload) => events.fire({ room, name, payload })
  const stateFolder = folder(environment, 'XDG_STATE_HOME', '.local', 'state')
  const services = await createServices({
    drivers: new DriverRegistry([new KvmDriver(), new LxdDriver(), new MemoryDriver()]),
    publish,
    configFolder: folder(environment, 'XDG_CONFIG_HOME', '.config'),
    stateFolder,
    connections,
    shellReason,
    agentFolder: options.agentFolder,
    forwards: options.forwards,
  })
  const audit = createAudit(join(stateFolder, 'audit.log'))
  return createDispatcher({ contract, handlers: services.handlers, events, audit, owned: services })
}
