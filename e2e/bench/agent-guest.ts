/** A Debian guest with everything that can stand beside the Vireo agent in it: qemu-ga, and an SSH server. */
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { domainId, type ConnectionUri, type DomainId } from '../../app-main/src/contract/index.ts'
import { KvmDriver } from '../../app-main/src/hypervisor/kvm/driver.ts'
import { DriverRegistry } from '../../app-main/src/hypervisor/registry.ts'
import { ConnectionSet } from '../../app-main/src/service/connection/connection-set.ts'
import { GuestSessions } from '../../app-main/src/service/guest/guest-sessions.ts'
import { openRead } from '../../app-main/src/service/guest/read-stream.ts'
import { linkTo } from '../../app-main/src/service/guest/reach.ts'
import { openWrite } from '../../app-main/src/service/guest/write-stream.ts'
import {
  discoverOnce,
  qemuGaDialect,
  vireoDialect,
  type Dialect,
  type GuestAgent,
} from '../../guest-agent-bridge/src/host/index.ts'
import { AgentLine, agentProgram } from '../fixture/agent.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { asking, execText, guestLink, openConnection } from '../fixture/guest-link.ts'
import { run } from '../fixture/run.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system' as ConnectionUri
const BOOT_MS = 300_000
const PREFIX = 't-bench-agent'
const NEVER = new AbortController().signal

/** One way into the guest: milliseconds for each piece of work. */
export interface Way {
  readonly name: string
  /** The question that costs least; null where there is none. */
  readonly ping: (() => Promise<number>) | null
  readonly execTrue: () => Promise<number>
  readonly upload: (from: string, to: string) => Promise<number>
  readonly download: (from: string, to: string) => Promise<number>
}

export interface AgentGuest extends AsyncDisposable {
  readonly ways: readonly Way[]
  readonly agents: Readonly<Record<'vireo' | 'qemu-ga', GuestAgent>>
  /** Runs a line of shell over SSH, beside the agents, and gives what it said. */
  readonly shell: (line: string) => Promise<string>
}

/** Machines that a run which was killed left behind. */
export const removeLeftovers = async (): Promise<void> => {
  const names = (await run('virsh', ['-q', '-c', URI, 'list', '--all', '--name'])).split('\n')
  for (const name of names.filter(one => one.startsWith(`${PREFIX}-`))) {
    await run('virsh', ['-q', '-c', URI, 'destroy', name]).catch(() => undefined)
    await run('virsh', ['-q', '-c', URI, 'undefine', name]).catch(() => undefined)
  }
}

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/** As the product copies: the service's streams, of the one dialect. */
const copies = (sessions: GuestSessions, id: DomainId): Pick<Way, 'upload' | 'download'> => ({
  upload: async (from, to) => {
    const { size } = await stat(from)
    return timed(async () => {
      const request = { path: to, sizeBytes: size, overwrite: true, createParents: false }
      const stream = await openWrite(sessions, id, request, NEVER)
      await pipeline(createReadStream(from, { highWaterMark: 256 * 1024 }), stream)
      await until('the last byte', () => stream.closed || stream.readableEnded, 120_000)
    })
  },
  download: async (from, to) =>
    timed(async () => pipeline(await openRead(sessions, id, { path: from, offset: 0 }, NEVER), createWriteStream(to))),
})

const agentWay = (
  { connections, id }: { connections: ConnectionSet; id: DomainId },
  agent: GuestAgent,
  dialect: Dialect,
  ping: () => Promise<unknown>,
): Way & Disposable => {
  const discover: ConstructorParameters<typeof GuestSessions>[0]['discover'] = (link, { signal }) =>
    discoverOnce(link, { dialects: [dialect], signal })
  const sessions = new GuestSessions({ connections, publish: () => undefined, linkTo, discover })
  return {
    name: dialect.name === 'vireo' ? 'Vireo agent' : dialect.name,
    ping: async () => timed(ping),
    execTrue: async () => timed(() => execText(agent, { args: ['true'] })),
    ...copies(sessions, id),
    [Symbol.dispose]: () => sessions.dispose(),
  }
}

/** One multiplexed connection, as a person who cares has it. */
const sshWay = (address: string, folder: string): Way & Pick<AgentGuest, 'shell'> => {
  const options = [
    ...[
      '-i',
      join(folder, 'key'),
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      `UserKnownHostsFile=${join(folder, 'known')}`,
    ],
    ...['-o', 'LogLevel=ERROR', '-o', 'BatchMode=yes', '-F', 'none'],
    ...['-o', 'ControlMaster=auto', '-o', `ControlPath=${join(folder, 's')}`, '-o', 'ControlPersist=600'],
  ]
  const shell = async (line: string) => run('ssh', [...options, `root@${address}`, line], { deadline: 120_000 })
  const scp = async (from: string, to: string) =>
    timed(() => run('scp', ['-q', ...options, from, to], { deadline: 240_000 }))
  return {
    name: 'ssh',
    ping: null,
    execTrue: async () => timed(() => shell('true')),
    upload: async (from, to) => scp(from, `root@${address}:${to}`),
    download: async (from, to) => scp(`root@${address}:${from}`, to),
    shell,
  }
}

/** Puts this tree's agent into the guest and starts it, through the agent that is there. */
const plant = async (machine: TestDomain, agent: GuestAgent): Promise<void> => {
  const program = await readFile(agentProgram)
  const content = (async function* () {
    yield Promise.resolve(program)
  })()
  const path = '/usr/sbin/vireo-agent'
  await agent.writeFile({ path, content, size: program.length, mode: 0o755 }, asking)
  const { exitCode, stderr } = await execText(agent, {
    args: ['systemd-run', '--quiet', '--unit=vireo-agent', path, '--foreground'],
  })
  if (exitCode !== 0) throw new Error(`${machine.name}: the agent did not start: ${stderr}`)
}

const addressOf = async (agent: GuestAgent): Promise<string> =>
  until(
    'an address',
    async () =>
      (await agent.interfaces(asking))
        .flatMap(({ addresses }) => addresses)
        .map(one => /^(192\.168\.\d+\.\d+)\//.exec(one)?.[1])
        .find(Boolean),
    BOOT_MS,
  )

/** Boots the guest and opens every way into it. `folder` takes keys and sockets. */
export const agentGuest = async (folder: string): Promise<AgentGuest> => {
  await using stack = new AsyncDisposableStack()
  const machine = stack.use(await testDomain({ kind: 'debian', prefix: PREFIX, network: 'default', graphics: 'none' }))
  // On a busy computer an emulated Debian takes more than one wait.
  await machine.ready().catch(() => machine.ready())
  const connection = await openConnection(URI)
  stack.defer(() => connection.dispose())
  const link = guestLink(connection, machine.uuid)
  const theirs = await qemuGaDialect.connect(link, asking)
  await plant(machine, theirs)
  const ours = await until('our agent', () => vireoDialect.connect(link, asking).catch(() => null), BOOT_MS)
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
  await theirs.setSshKeys('root', [(await readFile(join(folder, 'key.pub'), 'utf8')).trim()], asking)
  const ssh = sshWay(await addressOf(theirs), folder)
  await until(
    'ssh',
    () =>
      ssh.shell('true').then(
        () => true,
        () => false,
      ),
    BOOT_MS,
  )
  stack.defer(async () => void (await ssh.shell('exit').catch(() => undefined)))

  const connections = new ConnectionSet(new DriverRegistry([new KvmDriver()]), () => undefined)
  stack.defer(() => connections.dispose())
  await connections.add(URI).settled()
  const place = { connections, id: domainId(machine.uuid, URI) }
  const line = new AgentLine(await link.open(vireoDialect.channel))
  const vireo = stack.use(agentWay(place, ours, vireoDialect, () => line.call('ping')))
  const question = JSON.stringify({ execute: 'guest-ping' })
  const qemu = stack.use(agentWay(place, theirs, qemuGaDialect, () => link.agentCommand(question, 10)))
  const owned = stack.move()
  return {
    ways: [vireo, qemu, ssh],
    agents: { vireo: ours, 'qemu-ga': theirs },
    shell: ssh.shell,
    [Symbol.asyncDispose]: async () => owned.disposeAsync(),
  }
}
