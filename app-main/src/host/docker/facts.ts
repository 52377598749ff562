import type { Accounts } from '../facts/accounts.ts'
import { readEngine, type EngineFacts } from '../facts/engine.ts'
import type { Services } from '../facts/services.ts'
import type { Machine } from '../machine.ts'

export const DOCKER_UNITS = ['docker.service', 'docker.socket'] as const

export const readDocker = (machine: Machine, accounts: Accounts, services: Services): Promise<EngineFacts> =>
  readEngine(machine, accounts, services, {
    ...{ name: 'docker', rootful: '/run/docker.sock', rootless: 'docker.sock', unit: 'docker' },
  })
