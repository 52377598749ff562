/** The flood of a hostile guest by the product's own way: the channels of running machines, libvirtd, and the connection that all share. */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { vireoDialect } from '../../guest-agent-bridge/src/host/index.ts'
import { testDomain } from '../fixture/domain.ts'
import { asking, guestLink, openConnection } from '../fixture/guest-link.ts'
import { run } from '../fixture/run.ts'
import { floodFigures, listening, type Simulated } from './guest-flood.ts'
import type { Figure } from './report.ts'

const URI = 'qemu:///system'
const PREFIX = 't-bench-flood'

/** Machines that a run which was killed left behind. */
export const removeLeftovers = async (): Promise<void> => {
  const names = (await run('virsh', ['-q', '-c', URI, 'list', '--all', '--name'])).split('\n')
  for (const name of names.filter(one => one.startsWith(`${PREFIX}-`))) {
    await run('virsh', ['-q', '-c', URI, 'destroy', name]).catch(() => undefined)
    await run('virsh', ['-q', '-c', URI, 'undefine', name]).catch(() => undefined)
  }
}

/** QEMU's socket of the channel is replaced by ours, which libvirt then connects to; see `flood-domain.ts`. */
const machine = async (connection: HypervisorConnection, kind: string): Promise<Simulated> => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'vf-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  await chmod(folder, 0o777)
  const socket = join(folder, 'agent')
  const target = `<target type='virtio' name='${vireoDialect.channel}'/>`
  const channel = `<channel type='unix'><source mode='bind' path='${socket}'/>${target}</channel>`
  const options = { prefix: PREFIX, kind: 'blank', channels: [], graphics: 'none', extraDevices: channel } as const
  const domain = stack.use(await testDomain(options))
  await rm(socket)
  stack.use(await listening(socket, kind))
  const agent = await vireoDialect.connect(guestLink(connection, domain.uuid), asking)
  stack.defer(() => agent.close())
  const held = stack.move()
  return { agent, [Symbol.asyncDispose]: () => held.disposeAsync() }
}

export const guestFloodLibvirtSuite = async (): Promise<Figure[]> => {
  const connection = await openConnection()
  try {
    return await floodFigures('guest-flood-libvirt', kind => machine(connection, kind))
  } finally {
    connection.dispose()
  }
}
