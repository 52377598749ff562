import type { Accounts } from '../facts/accounts.ts'
import { readEngine, type EngineFacts } from '../facts/engine.ts'
import type { Services } from '../facts/services.ts'
import type { Machine } from '../machine.ts'

export const PODMAN_UNITS = ['podman.service', 'podman.socket'] as const

export const readPodman = (machine: Machine, accounts: Accounts, services: Services): Promise<EngineFacts> =>
  readEngine(machine, accounts, services, {
    ...{ name: 'podman', rootful: '/run/podman/podman.sock', rootless: 'podman/podman.sock', unit: 'podman' },
  })
