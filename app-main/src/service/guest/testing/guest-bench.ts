/** The services around machines in memory whose agents are fakes. */
import type { Discovered } from '@vireo/guest-agent-bridge/host'
import {
  RemoteError,
  type ConnectionUri,
  type DomainId,
  GuestStatus,
  type GuestAgentState,
  type GuestDialect,
} from '../../../contract/index.ts'
import { MemoryDriver } from '../../../hypervisor/memory/driver.ts'
import { DriverRegistry } from '../../../hypervisor/registry.ts'
import { ConnectionSet } from '../../connection/connection-set.ts'
import { GuestSessions } from '../guest-sessions.ts'
import type { FakeAgent } from './fake-agent.ts'

const URI = 'memory:///bench?domains=3' as ConnectionUri

const answering = ({ dialect, version, features }: FakeAgent): GuestAgentState => ({
  ...{ dialect, state: 'answering', reason: null, version, features },
})

const tooSlow = (dialect: GuestDialect): GuestAgentState => ({
  ...{ dialect, state: 'silent', reason: 'Nobody answered within 15 s.', version: null, features: {} },
})

/** Gives the ids of running machines; `agents` says who answers in the machine of an index at its next look. */
export const guestBench = async () => {
  const driver = new MemoryDriver()
  const host = driver.host(URI)
  const published: GuestStatus[] = []
  const connections = new ConnectionSet(new DriverRegistry([driver]), () => undefined)
  const connection = connections.add(URI)
  await connection.settled()
  const machines = [...host.machines.values()]
  for (const machine of machines) host.enter(machine, 'running')
  const ids = machines.map(({ key }) => `${key}@${URI}` as DomainId)
  const agents = new Map<string, () => Promise<readonly FakeAgent[]>>()
  const looks: string[] = []
  const gone: GuestDialect[] = []
  const slow: GuestDialect[] = []
  const sessions = new GuestSessions({
    connections,
    publish: (_room, _name, payload) => void published.push(GuestStatus.parse(payload)),
    linkTo: ({ key }) => ({
      channels: async () => [{ name: key, connected: true }],
      open: () => Promise.reject(new Error('not here')),
      agentCommand: () => Promise.reject(new Error('not here')),
    }),
    discover: async (link): Promise<Discovered> => {
      const key = (await link.channels())[0]?.name ?? ''
      looks.push(key)
      const found = await (agents.get(key)?.() ?? Promise.resolve([]))
      return { agents: [...slow.map(tooSlow), ...found.map(answering)], answering: found, gone }
    },
  })
  return {
    ids,
    host,
    sessions,
    connections,
    published,
    looks,
    /** Agents that every look from now on finds gone for certain. */
    gone,
    /** Better agents that did not answer in time at every look from now on. */
    slow,
    machine: (index: number) => machines[index] ?? fail(),
    id: (index: number): DomainId => ids[index] ?? fail(),
    /** Who answers in a machine from its next look on. */
    serve: (index: number, ...found: FakeAgent[]) => agents.set((machines[index] ?? fail()).key, async () => found),
    serveWith: (index: number, find: () => Promise<readonly FakeAgent[]>) =>
      agents.set((machines[index] ?? fail()).key, find),
    dispose() {
      sessions.dispose()
      connections.dispose()
    },
  }
}

const fail = (): never => {
  throw new RemoteError({ kind: 'internal', message: 'The bench has no such machine.' })
}
export type GuestBench = Awaited<ReturnType<typeof guestBench>>
