/** What can be measured, and how long each may take. */
import type { Figure } from './report.ts'

export interface Suite {
  /** Loaded when its turn comes: one that cannot be loaded does not keep the others from running. */
  readonly load: () => Promise<() => Promise<Figure[]>>
  /** Removes what the suite has outside of its folder, when it could not do so itself. */
  readonly clear?: () => Promise<void>
  /** Seconds after which it is ended and reported as not measured: about three times of what it takes alone. */
  readonly deadline: number
}

export const suites: Readonly<Record<string, Suite>> = {
  agent: { load: async () => (await import('./agent.ts')).agentSuite, deadline: 240 },
  'agent-guest': {
    load: async () => (await import('./agent.ts')).agentGuestSuite,
    clear: async () => (await import('./agent-guest.ts')).removeLeftovers(),
    deadline: 900,
  },
  client: { load: async () => (await import('./client.ts')).clientSuite, deadline: 180 },
  'client-qemu': { load: async () => (await import('./client.ts')).realClientSuite, deadline: 180 },
  cold: { load: async () => (await import('./cold.ts')).coldSuite, deadline: 180 },
  create: {
    load: async () => (await import('./create.ts')).createSuite,
    clear: async () => (await import('./create.ts')).removeCreated(),
    deadline: 600,
  },
  host: { load: async () => (await import('./host.ts')).hostSuite, deadline: 240 },
  page: { load: async () => (await import('./page.ts')).pageSuite, deadline: 240 },
  lxd: { load: async () => (await import('./lxd.ts')).lxdSuite, deadline: 300 },
  'guest-flood': { load: async () => (await import('./guest-flood.ts')).guestFloodSuite, deadline: 180 },
  'guest-flood-libvirt': {
    load: async () => (await import('./guest-flood-libvirt.ts')).guestFloodLibvirtSuite,
    clear: async () => (await import('./guest-flood-libvirt.ts')).removeLeftovers(),
    deadline: 300,
  },
  idle: { load: async () => (await import('./idle.ts')).idleSuite, deadline: 180 },
  serial: { load: async () => (await import('./serial.ts')).serialSuite, deadline: 120 },
  'serial-guest': { load: async () => (await import('./serial-guest.ts')).guestSerialSuite, deadline: 240 },
  terminal: { load: async () => (await import('./terminal.ts')).terminalSuite, deadline: 240 },
  vnc: { load: async () => (await import('./vnc.ts')).vncSuite, deadline: 240 },
  weight: { load: async () => (await import('./weight.ts')).weightSuite, deadline: 30 },
}
