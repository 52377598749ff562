/** A qemu-ga that says what a test tells it to, behind the hypervisor's link. */
import { RemoteError } from '@vireo/app-main/contract'
import type { GuestAgent, GuestLink } from '../guest-agent.ts'
import { qemuGaDialect } from '../qemu-ga/dialect.ts'

type Arguments = Readonly<Record<string, unknown>>
/** Gives what stands under `return`; what it throws is the link's failure. */
type Answer = (args: Arguments) => unknown

export const COMMANDS = [
  ...['guest-ping', 'guest-info', 'guest-exec', 'guest-exec-status', 'guest-get-osinfo', 'guest-get-host-name'],
  ...['guest-get-timezone', 'guest-get-vcpus', 'guest-get-time', 'guest-set-time', 'guest-get-users', 'guest-fstrim'],
  ...['guest-network-get-interfaces', 'guest-get-fsinfo', 'guest-get-cpustats', 'guest-set-user-password'],
  ...['guest-file-open', 'guest-file-read', 'guest-file-seek', 'guest-file-write', 'guest-file-flush'],
  ...['guest-file-close', 'guest-fsfreeze-freeze', 'guest-fsfreeze-thaw', 'guest-shutdown', 'guest-set-vcpus'],
  ...['guest-get-disks', 'guest-get-diskstats'],
  ...['guest-ssh-get-authorized-keys', 'guest-ssh-add-authorized-keys'],
]

export class ScriptedQemuGa {
  /** Every command that was asked, in order. */
  readonly asked: { readonly command: string; readonly args: Arguments }[] = []
  readonly #answers = new Map<string, Answer>()

  constructor(blocked: readonly string[] = [], commands: readonly string[] = COMMANDS) {
    const supported = commands.map(name => ({ name, enabled: !blocked.includes(name) }))
    this.on('guest-ping', () => ({}))
    this.on('guest-info', () => ({ version: '7.2.0', supported_commands: supported }))
  }

  on(command: string, answer: Answer): this {
    this.#answers.set(command, answer)
    return this
  }

  /** Each guest-exec ends at once with what `run` gives for its path and arguments. */
  runs(run: (path: unknown, args: readonly unknown[], input: unknown) => Arguments): this {
    const ended = new Map<number, Arguments>()
    this.on('guest-exec', ({ path, arg, 'input-data': input }) => {
      ended.set(ended.size + 100, run(path, Array.isArray(arg) ? arg : [], input))
      return { pid: ended.size + 99 }
    })
    return this.on('guest-exec-status', ({ pid }) => ended.get(Number(pid)) ?? { exited: false })
  }

  readonly link: GuestLink = {
    channels: async () => [{ name: qemuGaDialect.channel, connected: true }],
    open: async () => {
      throw new RemoteError({ kind: 'busy', message: 'the hypervisor has it', holder: 'libvirt' })
    },
    agentCommand: async question => {
      const asked = JSON.parse(question) as { execute: string; arguments?: Arguments }
      this.asked.push({ command: asked.execute, args: asked.arguments ?? {} })
      const answer = this.#answers.get(asked.execute)
      if (answer === undefined) throw refused(`The command ${asked.execute} has not been found`)
      const value: unknown = await answer(asked.arguments ?? {})
      return JSON.stringify({ return: value })
    },
  }

  connect(): Promise<GuestAgent> {
    return qemuGaDialect.connect(this.link, { signal: new AbortController().signal })
  }

  count(command: string): number {
    return this.asked.filter(one => one.command === command).length
  }
}

export const refused = (message: string): RemoteError => new RemoteError({ kind: 'refused', message })

/** The end of a process with this output. */
export const endWith = (stdout: string | Buffer, stderr = '', exitcode = 0): Arguments => ({
  ...{ exited: true, exitcode },
  'out-data': Buffer.from(stdout).toString('base64'),
  'err-data': Buffer.from(stderr).toString('base64'),
})
