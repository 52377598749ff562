export * from './json-rpc.ts'
