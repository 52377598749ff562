/**
 * A Vireo process of an ordinary user for `permissions.test.ts`: `guest-as-user.ts <uid> <group ids> <machine>`. It becomes
 * that user for good, and then asks the machine's agent, opens a channel and adds one. Prints one JSON line.
 */
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import { RemoteError } from '../../app-main/src/contract/index.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'

const [uid = '', groups = '', machine = ''] = process.argv.slice(2)
const driver = new KvmDriver()
process.setgroups?.(groups.split(' ').map(Number))
process.setgid?.(Number(groups.split(' ')[0]))
process.setuid?.(Number(uid))

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (error instanceof RemoteError ? error.detail : String(error)))

const connection = driver.create('qemu:///system' as ConnectionUri)
connection.open()
await connection.settled()
const key = [...connection.domains.values()].find(one => one.name === machine)?.uuid ?? 'no machine'
const { guest } = connection
const open = async (): Promise<string> => {
  const line = await guest.open(key, 'org.vireo.agent.0')
  line.destroy()
  return 'done'
}
const report = {
  channels: await outcome(guest.channels(key)),
  ping: await outcome(guest.agentCommand(key, '{"execute":"guest-ping"}', 10)),
  opened: await outcome(open()),
  attached: await outcome(guest.attachChannel(key, 'org.vireo.test.0')),
}
connection.dispose()
process.stdout.write(`${JSON.stringify(report)}\n`)
