/**
 * A guest for tests that is a folder: scripts really run, by the shell of this computer, but with a path that holds a few
 * harmless programs and, for all that would change a system, stand-ins that note what they were told.
 */
import { spawn } from 'node:child_process'
import { accessSync, existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ExecEnd, ExecSpec, GuestDialect, GuestFeatureSheet } from '../../../../contract/index.ts'
import type { Asking, Discovered, ExecInput, WriteFile } from '@vireo/guest-agent-bridge/host'
import { FakeAgent } from '../../testing/fake-agent.ts'
import type { ExecWay } from '../../exec-methods.ts'
import type { OtherWay, SetupTarget } from '../setup-target.ts'

const COPYING = ['cat', 'chmod', 'cp', 'dirname', 'mkdir', 'mktemp', 'mv', 'rm', 'rmdir', 'wc']
const REAL = ['sh', 'cut', 'setsid', 'sha256sum', 'tr', ...COPYING]

/** Notes its command line; what lies in `fail` under its name and first words makes it fail, saying that. */
const STAND_IN = `#!/bin/sh
name=\${0##*/}
echo "$name $*" >>"$ROOT/log"
for file in "$ROOT/fail/$name" "$ROOT/fail/$name $1" "$ROOT/fail/$name $1 $2"; do
  if [ -e "$file" ]; then cat "$file" >&2; exit 1; fi
done
if [ -e "$ROOT/say/$name" ]; then cat "$ROOT/say/$name"; fi
case "$name $*" in
  *'restart vireo-agent.service'|'rc-service vireo-agent restart') cp "$ROOT/usr/sbin/vireo-agent" "$ROOT/running" ;;
  *'stop vireo-agent.service'|*'disable --now vireo-agent.service'|*'vireo-agent stop') rm -f "$ROOT/running" ;;
  *'restart qemu-guest-agent.service') echo >"$ROOT/qemu-running" ;;
  'dpkg-query -S '*) [ -e "$ROOT/packaged" ] || exit 1 ;;
esac
exit 0
`

const realPath = (name: string): string => {
  const found = ['/usr/bin', '/bin'].map(folder => join(folder, name)).find(path => existsSync(path))
  if (found === undefined) throw new Error(`this computer has no ${name}`)
  accessSync(found)
  return found
}

/** The program that stands for the agent of that version. */
export const programOf = (version: string): Buffer => Buffer.from(`#!/bin/sh\necho "vireo-agent ${version}"\n`)

class FolderAgent extends FakeAgent {
  readonly #guest: FolderGuest

  constructor(guest: FolderGuest, dialect: GuestDialect, features: GuestFeatureSheet) {
    super(dialect, features)
    this.#guest = guest
  }

  override exec(spec: ExecSpec, input: ExecInput, asking: Asking): Promise<ExecEnd> {
    return this.#guest.run(spec, input, asking)
  }

  override writeFile(file: WriteFile, asking: Asking): Promise<number> {
    return this.#guest.write(file, asking)
  }
}

export class FolderGuest implements SetupTarget, AsyncDisposable {
  readonly name = 'web-1'
  readonly root: string
  readonly #plugged = new Set<string>()
  /** Dialects that answer whatever happens, and what they cannot do. */
  readonly steady = new Map<GuestDialect, GuestFeatureSheet>([['qemu-ga', {}]])
  /** The running machine cannot take or give a channel. */
  stiff = false
  /** The way in that needs no agent. */
  other?: OtherWay
  /** What arrives of a file that is written. */
  arrives: (bytes: Buffer) => Buffer = bytes => bytes
  /** Called at every written piece. */
  onPiece: () => void = () => undefined

  constructor(root: string, channels: readonly string[]) {
    this.root = root
    for (const name of channels) this.#plugged.add(name)
  }

  static async make({ init = 'systemd', channels = ['org.qemu.guest_agent.0'] } = {}): Promise<FolderGuest> {
    const guest = new FolderGuest(await mkdtemp(join(tmpdir(), 'vireo-setup-')), channels)
    for (const name of ['bin', 'fail', 'say', 'usr/sbin', 'etc/init.d', 'etc/systemd/system', 'var/tmp', 'proc/1']) {
      await mkdir(guest.path(name), { recursive: true })
    }
    for (const name of REAL) await symlink(realPath(name), guest.path('bin', name))
    for (const name of ['uname', 'id', 'dpkg-query', 'systemctl', 'rc-service', 'rc-update', 'sleep'])
      await guest.program(name)
    await guest.says('id', '0\n')
    await guest.isA('Linux', 'x86_64')
    if (init === 'systemd') await mkdir(guest.path('run/systemd/system'), { recursive: true })
    else if (init === 'openrc') await guest.put('run/openrc/softlevel', 'default')
    else await guest.put('proc/1/comm', `${init}\n`)
    return guest
  }

  /** A stand-in of that name. */
  async program(name: string, content: string = STAND_IN): Promise<void> {
    await writeFile(this.path('bin', name), content, { mode: 0o755 })
  }

  isA(kernel: string, machine: string): Promise<void> {
    return this.program('uname', `#!/bin/sh\nif [ "$1" = -s ]; then echo '${kernel}'; else echo '${machine}'; fi\n`)
  }

  says(name: string, text: string): Promise<void> {
    return this.put(join('say', name), text)
  }

  /** Lets a command fail from now on. */
  fails(command: string, text: string): Promise<void> {
    return this.put(join('fail', command), text)
  }

  path(...names: string[]): string {
    return join(this.root, ...names)
  }

  async put(name: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true })
    await writeFile(this.path(name), content, { mode })
  }

  has(name: string): boolean {
    return existsSync(this.path(name))
  }

  read(name: string): Promise<string> {
    return readFile(this.path(name), 'utf8')
  }

  async mode(name: string): Promise<string> {
    return ((await stat(this.path(name))).mode & 0o7777).toString(8)
  }

  /** What the stand-ins were told, but for looking. */
  log(): string[] {
    if (!this.has('log')) return []
    const lines = readFileSync(this.path('log'), 'utf8').trim().split('\n')
    return lines.filter(line => !/^(?:id|dpkg-query|sleep) /.test(line))
  }

  /** The version of the agent that runs. */
  get running(): string | null {
    if (!this.has('running')) return null
    return /vireo-agent (\S+)"/.exec(readFileSync(this.path('running'), 'utf8'))?.[1] ?? null
  }

  get plugged(): string[] {
    return [...this.#plugged].toSorted()
  }

  async channels(): Promise<string[]> {
    return this.plugged
  }

  async attachChannel(name: string): Promise<{ needsRestart: boolean }> {
    if (!this.stiff) this.#plugged.add(name)
    return { needsRestart: this.stiff }
  }

  async detachChannel(name: string): Promise<{ needsRestart: boolean }> {
    const needsRestart = this.stiff && this.#plugged.has(name)
    if (!needsRestart) this.#plugged.delete(name)
    return { needsRestart }
  }

  async discover(): Promise<Discovered> {
    const vireo = this.#plugged.has('org.vireo.agent.0') ? this.running : null
    const answering: FakeAgent[] = vireo === null ? [] : [this.#agent('vireo', vireo)]
    for (const [dialect, features] of this.steady) answering.push(this.#agent(dialect, '1', features))
    if (this.has('qemu-running') && this.#plugged.has('org.qemu.guest_agent.0')) {
      answering.push(this.#agent('qemu-ga', '7.2'))
    }
    const agents = answering.map(({ dialect, version, features }) => ({
      ...{ dialect, version, features, state: 'answering' as const, reason: null },
    }))
    return { agents, answering, gone: [] }
  }

  run({ args = [] }: ExecSpec, { stdin, onOutput }: ExecInput, { signal }: Asking): Promise<ExecEnd> {
    const [program = '', ...rest] = args
    const env = { PATH: this.path('bin'), ROOT: this.root }
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const child = spawn(program, rest, { env, stdio: ['pipe', 'pipe', 'pipe'], signal })
      void pipeline(Readable.from(stdin ?? []), child.stdin).catch(() => void child.kill())
      child.stdout.on('data', (bytes: Buffer) => void onOutput('stdout', bytes))
      child.stderr.on('data', (bytes: Buffer) => void onOutput('stderr', bytes))
      child.once('error', () => reject(signal.reason as Error))
      child.once('close', exitCode =>
        resolve({ exitCode, signal: null, timedOut: false, truncated: false, durationMs: 1 }),
      )
    })
  }

  /** Runs commands as a way that needs no agent does. */
  get way(): ExecWay {
    return { open: async () => ({ run: (...command) => this.run(...command), release: () => undefined }) }
  }

  async write({ path, content, mode = 0o644, createParents = false }: WriteFile, { signal }: Asking): Promise<number> {
    const parts: Uint8Array[] = []
    for await (const bytes of content) {
      parts.push(bytes)
      this.onPiece()
      signal.throwIfAborted()
    }
    const whole = Buffer.concat(parts)
    if (createParents) await mkdir(dirname(path), { recursive: true })
    await writeFile(`${path}.part`, this.arrives(whole))
    await chmod(`${path}.part`, mode)
    await rename(`${path}.part`, path)
    return whole.length
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 })
  }

  #agent(dialect: GuestDialect, version: string, features: GuestFeatureSheet = {}): FakeAgent {
    return Object.assign(new FolderAgent(this, dialect, features), { version })
  }
}
