import type { Duplex } from 'node:stream'
import type { AppError, VireoHandlers } from '../../contract/index.ts'
import { reportOf } from '../../host/check.ts'
import type { Detector } from '../../host/detector.ts'
import type { Context } from '../context.ts'
import type { HostActions } from './host-actions.ts'

export interface HostRoom {
  readonly detector: Detector
  readonly actions: HostActions
}

/** Told before somebody tries: applying would be refused. */
const LOOKING_ONLY: AppError = {
  kind: 'refused',
  message: 'This window may look at this computer, but change nothing.',
  hint: 'Vireo was started read-only.',
}

export const hostHandlers = ({ detector, actions }: HostRoom) =>
  ({
    status: async ({ partial }) => (await (partial ? detector.quick() : detector.complete())).status,
    check: async () => {
      const { facts, status } = await detector.complete()
      return reportOf(facts, status)
    },
    detect: async (_, { principal }) => (await (principal.readOnly ? detector.glance() : detector.refresh())).status,
    plan: async ({ hypervisor, action, undo }, { principal }) => {
      const plan = await actions.plan(hypervisor, action, undo)
      return principal.readOnly && !plan.refusal ? { ...plan, refusal: LOOKING_ONLY } : plan
    },
    apply: input => actions.apply(input),
    log: async ({ hypervisor }) => actions.log(hypervisor),
  }) satisfies VireoHandlers<Context, Duplex>['host']
