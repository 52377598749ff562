import type { DomainState } from '@vireo/app-main/contract'

const ALIVE: ReadonlySet<DomainState> = new Set(['running', 'paused', 'suspended', 'shutting-down'])

/** Whether a machine in this state has a screen and serial lines to talk to. */
export const isAlive = (state: DomainState): boolean => ALIVE.has(state)
