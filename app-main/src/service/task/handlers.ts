import type { Duplex } from 'node:stream'
import type { VireoHandlers } from '../../contract/index.ts'
import type { Context } from '../context.ts'
import type { TaskRegistry } from './task-registry.ts'

export const taskHandlers = (tasks: TaskRegistry) =>
  ({
    list: async () => tasks.list(),
    cancel: async ({ taskId }) => {
      tasks.cancel(taskId)
      return {}
    },
  }) satisfies VireoHandlers<Context, Duplex>['task']
