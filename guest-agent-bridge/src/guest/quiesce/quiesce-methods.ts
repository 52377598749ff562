import { vireo } from '../../protocol/index.ts'
import { handle, type Method } from '../method.ts'
import type { FrozenGuard } from '../methods/frozen.ts'
import { Quiesce } from './quiesce.ts'

export const quiesceMethods = (frozen: FrozenGuard): readonly Method[] => {
  const quiesce = new Quiesce(frozen)
  return [
    handle(vireo.quiesceFreeze, {
      unprivileged: false,
      audit: ['timeout_seconds', 'mount_points', 'hooks'],
      ownTimeout: true,
      run: (params, context) => quiesce.freeze(context, params),
    }),
    handle(vireo.quiesceThaw, {
      unprivileged: false,
      ownTimeout: true,
      urgent: true,
      run: ({ token }) => quiesce.thaw(token),
    }),
    handle(vireo.quiesceStatus, { urgent: true, run: () => quiesce.status() }),
  ]
}
