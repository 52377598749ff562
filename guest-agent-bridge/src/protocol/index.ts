export * from './json-rpc.ts'
export * from './lines.ts'
