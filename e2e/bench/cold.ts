/** From the start of a process to its first list of a thousand machines. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { run } from '../fixture/run.ts'
import { cliProgram } from '../fixture/server.ts'
import { testNode } from '../fixture/test-node.ts'
import { userFolders } from '../fixture/user-folders.ts'
import { inTurns } from './peer.ts'
import { repeated, type Figure } from './report.ts'
import { webClient } from './web-client.ts'

const DOMAINS = 1000

/** As `until`, but fine enough for what is measured here. */
const finely = async (what: string, probe: () => boolean | Promise<boolean>): Promise<void> => {
  const end = performance.now() + 20_000
  while (!(await probe())) {
    if (performance.now() > end) throw new Error(`${what}: not within 20 s`)
    await sleep(2)
  }
}

const serve = async (uri: string): Promise<number> => {
  const folders = await userFolders()
  const env = { ...process.env, ...folders.env }
  const runtime = folders.env.XDG_RUNTIME_DIR ?? ''
  const start = performance.now()
  const child = spawn(process.execPath, [cliProgram, 'serve', '--port', '0', '--connection', uri], {
    ...{ env, stdio: 'ignore' },
  })
  const ended = new Promise(resolve => child.once('exit', resolve))
  try {
    const announced = join(runtime, 'vireo/server.json')
    await finely('vireo serve to be there', () => existsSync(announced))
    const client = await webClient(runtime)
    await finely('the list', async () => ((await client.call('domain', 'list')) as unknown[]).length === DOMAINS)
    return performance.now() - start
  } finally {
    child.kill('SIGTERM')
    await ended
    await folders.remove()
  }
}

/** A program that lists and ends. */
const once = async (command: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> => {
  const start = performance.now()
  const said = await run(command, args, { env })
  const ms = performance.now() - start
  if (!said.includes('web-berlin-1')) throw new Error(`${command} did not list: ${said.slice(0, 200)}`)
  return ms
}

const program = `import libvirt, sys
print([domain.name() for domain in libvirt.open(sys.argv[1]).listAllDomains()])`

export const coldSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  await using node = await testNode({ domains: DOMAINS, running: 500 })
  const folders = await userFolders()
  const uri = daemon.nodeUri(node.path)
  const theirs = uri.replace('test:', 'test+unix:')
  try {
    const samples = await inTurns(
      11,
      new Map([
        ['vireo serve', async () => serve(uri)],
        ['vireo list', async () => once(process.execPath, [cliProgram, 'list', '--connection', uri], folders.env)],
        ['virsh list', async () => once('virsh', ['-c', theirs, 'list', '--all'])],
        ['python3-libvirt', async () => once('/usr/bin/python3', ['-c', program, theirs])],
      ]),
    )
    const label = (who: string) => ({ suite: 'cold start', what: 'process to list of 1,000', who, unit: 'ms' }) as const
    return [...samples].map(([who, times]) => repeated(label(who), times))
  } finally {
    await folders.remove()
  }
}
