import { methods } from './method-table.ts'

export const methodNames: readonly string[] = methods.map(method => method.name)
