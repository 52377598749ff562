import type { Duplex } from 'node:stream'
import type { VireoHandlers } from '../../contract/index.ts'
import { reportOf } from '../../host/check.ts'
import type { Detector } from '../../host/detector.ts'
import type { Context } from '../context.ts'
import type { HostActions } from './host-actions.ts'

export interface HostRoom {
  readonly detector: Detector
  readonly actions: HostActions
}

export const hostHandlers = ({ detector, actions }: HostRoom) =>
  ({
    status: async ({ partial }) => (await (partial ? detector.quick() : detector.complete())).status,
    check: async () => {
      const { facts, status } = await detector.complete()
      return reportOf(facts, status)
    },
    detect: async () => (await detector.refresh()).status,
    plan: ({ hypervisor, action, undo }) => actions.plan(hypervisor, action, undo),
    apply: input => actions.apply(input),
    log: async ({ hypervisor }) => actions.log(hypervisor),
  }) satisfies VireoHandlers<Context, Duplex>['host']
