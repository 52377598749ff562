import type { Duplex } from 'node:stream'
import type { VireoHandlers } from '../../contract/index.ts'
import type { Context } from '../context.ts'
import type { ForwardDesk } from './forward-desk.ts'

export const forwardHandlers = (desk: ForwardDesk): VireoHandlers<Context, Duplex>['forward'] => ({
  list: () => desk.list(),
  add: (input, { signal }) => desk.add(input, signal),
  remove: async ({ forward }) => {
    await desk.remove(forward)
    return {}
  },
})
