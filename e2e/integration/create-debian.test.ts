/** The whole way: an image made from packages, a machine made of it by the command line, logged in to, and gone again. */
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { cloudSamples, ubuntuSamples } from '../../app-main/src/service/create/answer-samples.ts'
import { builtAgent } from '../fixture/agent-package.ts'
import { cacheFolder } from '../fixture/cache.ts'
import { vireo as program } from '../fixture/cli.ts'
import { userFolders } from '../fixture/user-folders.ts'
import { run } from '../fixture/run.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system'
/** Building and starting a system by software emulation on a busy computer. */
const SLOW = 1_800_000

/** What cloud-init itself is to judge, in the machine: what it was told, and the longest of what is written for others. */
const judged = [...ubuntuSamples(), ...cloudSamples()].filter(({ name }) => /^(?:Ubuntu|linux).* own$/.test(name))
const asFile = (text: string): string => {
  const file = '/tmp/judged'
  return `echo ${Buffer.from(text).toString('base64')} | base64 -d > ${file} && cloud-init schema --config-file ${file}`
}
const judge = ['cloud-init schema --system', ...judged.map(({ userData }) => asFile(userData))].join(' && ')

const virsh = (...args: string[]): Promise<string> => run('virsh', ['-q', '-c', URI, ...args])

test(
  'a Debian of packages is made, started, set up, logged in to with the chosen key, and nothing of it is left',
  async () => {
    await builtAgent()
    await using stack = new AsyncDisposableStack()
    const person = await userFolders()
    stack.defer(person.remove)
    // Images are built once and outlive the test, as the fixture's guests do.
    const env: Record<string, string> = { ...person.env, XDG_CACHE_HOME: join(cacheFolder(), 'created') }
    const vireo = async (...args: string[]) => {
      const end = await program(args, { env, deadline: SLOW })
      expect(end.code, `vireo ${args.join(' ')}: ${end.err}`).toBe(0)
      return end
    }
    const folder = await mkdtemp(join(tmpdir(), 'vireo-whole-'))
    await chmod(folder, 0o755)
    stack.defer(async () => rm(folder, { recursive: true, maxRetries: 5 }))
    const name = `t-whole-${basename(folder).slice(-6)}`
    const pool = join(folder, 'pool')
    await mkdir(pool, { mode: 0o755 })
    await virsh('pool-create-as', name, 'dir', '--target', pool)
    stack.defer(async () => void (await virsh('pool-destroy', name)))
    stack.defer(async () => {
      await virsh('destroy', name).catch(() => undefined)
      await virsh('undefine', '--nvram', name).catch(() => undefined)
    })
    const key = join(folder, 'key')
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'chosen', '-f', key])

    // Host keys of other kinds take an emulated processor long to find.
    const userData = join(folder, 'user-data')
    await writeFile(userData, '#cloud-config\nssh_genkeytypes: [ed25519]\n')

    await vireo('image', 'build', 'debian-12')
    const wanted = ['--name', name, '--hostname', 'first', '--user', 'ada', '--ssh-key', `${key}.pub`]
    const shape = [
      '--pool',
      name,
      '--memory',
      '768M',
      '--cpus',
      '1',
      '--accelerator',
      'emulation',
      '-c',
      URI,
      '--user-data',
      userData,
    ]
    const made = await vireo(
      'create',
      'debian-12',
      ...wanted,
      ...shape,
      '--run',
      'echo "made for $(hostname)" >/etc/made',
    )
    for (const stage of [
      /^address: /m,
      /^agent answers: (?:the Vireo agent|qemu-guest-agent)$/m,
      /^cloud-init finished: .*NoCloud/m,
    ])
      expect(made.err).toMatch(stage)
    expect(made.err).toMatch(/^SSH answers: ssh ada@192\.168\.\d+\.\d+$/m)
    expect((await readdir(pool)).length, 'a disk and a seed').toBe(2)

    // As whom is known; with which key the person says.
    await vireo('guest', 'set-ssh-access', name, '--key-file', key, '-c', URI)
    const script = 'id -un; hostname; cat /etc/made; sudo -n id -u; df --output=size -BG / | tail -1'
    const said = await vireo('exec', name, '-c', URI, '--method', 'ssh', '--json', '--', 'sh', '-c', script)
    const { method, stdout } = JSON.parse(said.out) as { method: string; stdout: string }
    expect(method).toBe('ssh')
    expect(stdout).toMatch(/^ada\nfirst\nmade for first\n0\n *(?:19|20)G\n$/)

    expect(judged).toHaveLength(2)
    const good = await vireo('exec', name, '-c', URI, '--method', 'ssh', '--', 'sudo', '-n', 'sh', '-c', judge)
    expect(good.out.match(/^Valid /gm)).toHaveLength(3)
    const bad = asFile('#cloud-config\nusers: 5\n')
    const refused = await program(['exec', name, '-c', URI, '--method', 'ssh', '--', 'sudo', '-n', 'sh', '-c', bad], {
      env,
    })
    expect(refused.code).toBe(1)
    expect(refused.out + refused.err).toContain('users: 5 is not')

    const primary = async () => {
      const { out } = await vireo('guest', 'status', name, '--json', '-c', URI)
      return (JSON.parse(out) as { primary: unknown }).primary === 'vireo'
    }
    await until('the Vireo agent to answer', primary, 300_000)

    // By its power button.
    await vireo('shutdown', name, '--mode', 'acpi', '-c', URI)
    await vireo('undefine', name, '--storage', 'delete', '--nvram', 'delete', '--yes', '-c', URI)
    expect((await virsh('list', '--all', '--name')).split('\n')).not.toContain(name)
    expect(await readdir(pool)).toEqual([])
    expect(await readdir(join(env['XDG_STATE_HOME'] ?? '', 'vireo', 'known-hosts'))).toEqual([])
    expect(await readFile(join(env['XDG_CONFIG_HOME'] ?? '', 'vireo', 'ssh.json'), 'utf8')).not.toContain('ada')
    const images = JSON.parse((await vireo('image', 'list', '--json')).out) as { images: { users: string[] }[] }
    expect(images.images.flatMap(({ users }) => users).filter(user => user.startsWith(folder))).toEqual([])
  },
  SLOW,
)
