export * from './json-rpc.ts'
export * from './lines.ts'
export * as vireo from './vireo/index.ts'
