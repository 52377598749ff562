/** What takes longer than a second, while it runs and when it ends. */
import type { Task, TaskId, VireoClient } from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'

export interface TasksState {
  readonly byId: ReadonlyMap<TaskId, Task>
}

export interface TasksStore {
  readonly state: StoreApi<TasksState>
  load(): Promise<void>
  /** Called once for each task that ends while we look. */
  onEnded(listener: (task: Task) => void): () => void
}

/** Ended tasks are kept for their toasts only. */
const KEPT = 100

export const createTasksStore = (client: VireoClient): TasksStore => {
  const state = createStore<TasksState>(() => ({ byId: new Map() }))
  const listeners = new Set<(task: Task) => void>()
  client.task.changed(task => {
    const before = state.getState().byId.get(task.id)
    state.setState(({ byId }) => ({ byId: new Map([...byId].slice(-KEPT)).set(task.id, task) }))
    if (task.state !== 'running' && (!before || before.state === 'running'))
      for (const listener of [...listeners]) listener(task)
  })
  return {
    state,
    async load() {
      try {
        const list = await client.task.list({})
        state.setState(({ byId }) => ({ byId: new Map([...list.map(task => [task.id, task] as const), ...byId]) }))
      } catch {
        // Tasks under way report themselves with their next event; the list only shortens the wait.
      }
    },
    onEnded(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The task that works on this machine or connection now. */
export const runningTaskOf = (tasks: TasksState['byId'], target: string): Task | undefined => {
  for (const task of tasks.values()) if (task.target === target && task.state === 'running') return task
  return undefined
}
