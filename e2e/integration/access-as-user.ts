/**
 * A Vireo process of an ordinary user for `permissions.test.ts`: `access-as-user.ts <uid> <group ids> <machine> [<flag>]`. It is
 * loaded as root, because that user may not be able to read this checkout, and then becomes that user for good. Makes the
 * file `flag` before it unlocks. Prints one JSON line.
 */
import { writeFile } from 'node:fs/promises'
import type { ConnectionUri } from '../../app-main/src/contract/index.ts'
import { RemoteError } from '../../app-main/src/contract/index.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { unattended } from '../../app-main/src/hypervisor/waiting.ts'

const [uid = '', groups = '', machine = '', flag] = process.argv.slice(2)
const driver = new KvmDriver()
process.setgroups?.(groups.split(' ').map(Number))
process.setgid?.(Number(groups.split(' ')[0]))
process.setuid?.(Number(uid))

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof RemoteError ? error.detail : String(error)),
  )

const start = (key: string) => connection.lifecycle.start(key, { paused: true }, unattended())

const connection = driver.create('qemu:///system' as ConnectionUri)
connection.open()
await connection.settled()
const key = [...connection.domains.values()].find(one => one.name === machine)?.uuid
const locked = {
  state: connection.status.state,
  readOnly: connection.status.readOnly,
  lifecycle: connection.status.features.lifecycle ?? null,
  listed: connection.domains.size,
  xml: key === undefined ? 'no machine' : await outcome(connection.inspect.xml(key, { inactive: false })),
  start: key === undefined ? 'no machine' : await outcome(start(key)),
}
if (flag !== undefined) await writeFile(flag, '')
const report = {
  ...locked,
  unlock: await outcome(connection.unlock()),
  stillReady: connection.status.state,
  readOnlyAfter: connection.status.readOnly,
  pausedAfter: key === undefined ? 'no machine' : await outcome(start(key)),
  stateAfter: key === undefined ? 'no machine' : connection.domains.get(key)?.state,
}
connection.dispose()
process.stdout.write(`${JSON.stringify(report)}\n`)
