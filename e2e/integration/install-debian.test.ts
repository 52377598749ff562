/** A real installation of Debian that nobody answers, from a medium to a login. Emulated it takes long. */
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { vireo as program } from '../fixture/cli.ts'
import { run } from '../fixture/run.ts'
import { userFolders } from '../fixture/user-folders.ts'

const URI = 'qemu:///system'
/** Of Debian's package debian-installer-12-netboot-amd64. */
const NETBOOT = '/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64'
const LONG = 3 * 60 * 60_000
/** For one command: it shall end before the test, so that how far it came is told. */
const COMMAND = LONG - 10 * 60_000
/** This computer, as machines on libvirt's default network see it. */
const HOST = '192.168.122.1'
const APT_HELPER = '/usr/lib/apt/apt-helper'

/** Why it is not run; null when it is. */
const missing = ((): string | null => {
  if (process.env['VIREO_LONG'] !== '1') return 'an hour long; VIREO_LONG=1 runs it'
  if (!existsSync(NETBOOT)) return 'needs the package debian-installer-12-netboot-amd64'
  return existsSync(APT_HELPER) ? null : 'needs apt, which fetches packages for the guest'
})()

const virsh = (...args: string[]): Promise<string> => run('virsh', ['-q', '-c', URI, ...args])

/** The mirrors of this computer: whatever lies between them and it is apt's to know. */
const mirrors = async (): Promise<{ main: string; security: string }> => {
  const said = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(SUITE)'])
  const lines = said.split('\n').map(line => line.trim().split(' '))
  const uriOf = (is: (suite: string) => boolean) => lines.find(([, suite = '']) => is(suite))?.[0]?.replace(/\/$/, '')
  const main = uriOf(suite => ['bookworm', 'stable', 'oldstable'].includes(suite))
  const security = uriOf(suite => /^(?:bookworm|stable|oldstable)-security$/.test(suite))
  if (main === undefined || security === undefined) throw new Error('apt knows no mirror of Debian 12 here')
  return { main, security }
}

/** Whether there are the packages that the installer itself is made of: some mirrors keep those of systems only. */
const hasParts = async (): Promise<boolean> => {
  const { main } = await mirrors()
  const folder = await mkdtemp(join(tmpdir(), 'vireo-parts-'))
  const fetched = async (path: string, name: string): Promise<string> => {
    await run(APT_HELPER, ['-o', 'Acquire::Retries=3', 'download-file', `${main}/${path}`, join(folder, name)])
    return join(folder, name)
  }
  try {
    const list = await fetched('dists/bookworm/main/debian-installer/binary-amd64/Packages.xz', 'list.xz')
    const [, first = ''] = /^Filename: (\S+)$/m.exec(await run('xz', ['-dc', list])) ?? []
    await fetched(first, 'part')
    return true
  } catch {
    return false
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
const whole = missing === null && (await hasParts())

/**
 * How far an installation is, by what it asks the mirror for: only its answers name that mirror, it partitions before it
 * unpacks the base system, and each later part fetches packages that no earlier one wants.
 */
const STAGES: readonly (readonly [stage: string, asked: RegExp])[] = [
  ['its answers were read', /^\/debian\/dists\//],
  ['its own parts came', /\.udeb$/],
  ['its disk is divided', /\/base-files_[^/]*\.deb$/],
  ['the base system is unpacked', /\/linux-image-[^/]*\.deb$/],
  ['software is chosen', /\/cloud-init_[^/]*\.deb$/],
  ['the boot loader comes', /\/grub-(?:pc|efi-amd64)_[^/]*\.deb$/],
]

/** Notes when each stage was seen first, and tells at once. */
const progress = (onAsked: (path: string) => void = () => undefined) => {
  const start = performance.now()
  const seen = new Map<string, number>()
  const reached = (stage: string): void => {
    if (seen.has(stage)) return
    const at = Math.round((performance.now() - start) / 1000)
    seen.set(stage, at)
    process.stderr.write(`The installation after ${at} s: ${stage}\n`)
  }
  return {
    reached,
    wanted: onAsked,
    asked: (path: string) => STAGES.filter(([, asked]) => asked.test(path)).forEach(([stage]) => reached(stage)),
    all: () => STAGES.every(([stage]) => seen.has(stage)),
    told: () => [...seen].map(([stage, at]) => `${stage} (${at} s)`).join(', ') || 'its answers were never read',
  }
}
type Progress = ReturnType<typeof progress>

/** A mirror for a guest that reaches this computer alone. */
const mirror = async (folder: string, far: Progress) => {
  const { main, security } = await mirrors()
  let number = 0
  const fetched = async (path: string): Promise<Buffer | null> => {
    const [, room, rest] = /^\/(debian|debian-security)\/([\w.+~:/-]+)$/.exec(decodeURIComponent(path)) ?? []
    if (room === undefined || rest === undefined || rest.includes('..')) return null
    const target = join(folder, `mirror-${number++}`)
    try {
      const from = `${room === 'debian' ? main : security}/${rest}`
      await run(APT_HELPER, ['-o', 'Acquire::Retries=3', 'download-file', from, target])
      return await readFile(target)
    } catch {
      // The guest asks for what there may not be, and goes on without.
      return null
    } finally {
      await rm(target, { force: true })
    }
  }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    far.wanted(path)
    response.on('error', () => undefined)
    const answer = (bytes: Buffer | null) => {
      if (bytes !== null) far.asked(path)
      response.writeHead(bytes === null ? 404 : 200, { 'content-length': bytes?.length ?? 0 })
      response.end(request.method === 'HEAD' ? undefined : (bytes ?? undefined))
    }
    fetched(path).then(answer, () => answer(null))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, HOST, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the mirror has no port')
  const close = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
  return { address: `http://${HOST}:${address.port}/debian`, [Symbol.asyncDispose]: close }
}

/** Debian's netboot installer as a medium: what is on it is where a netinst has it, and the rest comes from the mirror. */
const medium = async (folder: string): Promise<string> => {
  const tree = join(folder, 'tree')
  await mkdir(join(tree, 'install.amd'), { recursive: true })
  await copyFile(join(NETBOOT, 'linux'), join(tree, 'install.amd', 'vmlinuz'))
  await copyFile(join(NETBOOT, 'initrd.gz'), join(tree, 'install.amd', 'initrd.gz'))
  const iso = join(folder, 'netboot.iso')
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-V', 'Debian 12.0.0 amd64 n', '-o', iso, tree])
  return iso
}

/** A machine to be installed, with all that it needs; nothing of it stays. */
const bench = async (stack: AsyncDisposableStack, far: Progress) => {
  const person = await userFolders()
  stack.defer(person.remove)
  const folder = await mkdtemp(join(tmpdir(), 'vireo-install-'))
  await chmod(folder, 0o755)
  stack.defer(async () => rm(folder, { recursive: true, maxRetries: 5 }))
  const name = `t-install-${basename(folder).slice(-6).toLowerCase()}`
  const pool = join(folder, 'pool')
  await mkdir(pool, { mode: 0o755 })
  await virsh('pool-create-as', name, 'dir', '--target', pool)
  stack.defer(async () => void (await virsh('pool-destroy', name)))
  stack.defer(async () => {
    await virsh('destroy', name).catch(() => undefined)
    await virsh('undefine', '--nvram', name).catch(() => undefined)
  })
  const near = stack.use(await mirror(folder, far))
  const iso = await medium(folder)
  const key = join(folder, 'key')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'chosen', '-f', key])
  const vireo = (...args: string[]) => program(args, { env: person.env, deadline: COMMAND })
  const create = () =>
    vireo(
      ...['create', iso, '--unattended', '--mirror', near.address, '--name', name, '--hostname', 'first'],
      ...['--user', 'ada', '--ssh-key', `${key}.pub`, '--run', 'echo "made for $(hostname)" >/etc/made'],
      ...['--pool', name, '--memory', '1G', '--cpus', '2', '--disk', '6G', '--accelerator', 'emulation'],
      ...['--network', 'network=default', '--no-qemu-agent', '--no-vireo-agent', '-c', URI],
    )
  return { name, pool, key, vireo, create }
}

test.skipIf(missing !== null || !whole)(
  `Debian is installed from its medium without anybody who answers, and logged in to (${missing ?? (whole ? 'the whole way' : 'not here: no mirror has the parts of its installer')})`,
  async () => {
    await using stack = new AsyncDisposableStack()
    const far = progress()
    const { name, pool, key, vireo, create } = await bench(stack, far)
    const well = async (ending: ReturnType<typeof vireo>) => {
      const end = await ending
      expect(end.code, `${end.err}\nHow far it came: ${far.told()}`).toBe(0)
      return end
    }
    const made = await well(create())
    expect(made.err).toMatch(/^SSH answers: ssh ada@192\.168\.\d+\.\d+$/m)
    far.reached('it is installed, started, and answers over SSH')
    expect(far.all(), `of these only: ${far.told()}`).toBe(true)
    // The installer's kernel and ramdisk went with the installer.
    const left = (await readdir(pool)).toSorted().map(file => file.replace(/^.*-[0-9a-f]{8}/, ''))
    expect(left).toEqual(['-seed.iso', '.qcow2'])
    await well(vireo('guest', 'set-ssh-access', name, '--key-file', key, '-c', URI))
    const script = 'id -un; hostname; cat /etc/made; sudo -n id -u; . /etc/os-release; echo $VERSION_ID'
    const said = await well(vireo('exec', name, '-c', URI, '--method', 'ssh', '--json', '--', 'sh', '-c', script))
    const { stdout } = JSON.parse(said.out) as { stdout: string }
    expect(stdout).toBe('ada\nfirst\nmade for first\n0\n12\n')
    await well(vireo('shutdown', name, '--mode', 'acpi', '-c', URI))
    await well(vireo('undefine', name, '--storage', 'delete', '--nvram', 'delete', '--yes', '-c', URI))
    expect(await readdir(pool)).toEqual([])
  },
  LONG,
)

test.skipIf(missing !== null || whole)(
  `Debian’s installer reads its answers and goes as far as its mirror lets it; stopped there, it leaves nothing (${missing ?? (whole ? 'not here: its mirror has all' : 'no mirror here has its own parts')})`,
  async () => {
    await using stack = new AsyncDisposableStack()
    let tell: (path: string) => void = () => undefined
    const wants = new Promise<string>(resolve => (tell = resolve))
    const far = progress(path => (path.endsWith('.udeb') ? tell(path) : undefined))
    const { name, pool, create } = await bench(stack, far)
    const ending = create()
    // It has its network and its mirror from its answers, has trusted the list of its parts, and wants the first of them.
    const first = await Promise.race([wants, ending.then(end => `${end.err}\nHow far it came: ${far.told()}`)])
    expect(first).toMatch(/^\/debian\/pool\/.*\.udeb$/)
    expect(far.told()).toContain('its answers were read')
    far.reached('it wants its own parts, which are not here')
    await virsh('destroy', name)
    const { code, err } = await ending
    expect(code).not.toBe(0)
    expect(err).toContain('was stopped before its installer was done')
    expect(await readdir(pool)).toEqual([])
    expect(await virsh('list', '--all', '--name')).not.toContain(name)
  },
  LONG,
)
