export * from './guest-agent.ts'
