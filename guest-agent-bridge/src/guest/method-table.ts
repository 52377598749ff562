import type { Method } from './method.ts'

/** All methods of the agent, topic by topic; a new topic adds its line. */
export const methods: readonly Method[] = []
