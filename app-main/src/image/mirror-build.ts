/** An image made from a distribution's packages, for places that cloud images cannot be downloaded to. */
import { existsSync } from 'node:fs'
import { chmod, copyFile, lstat, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { arch } from 'node:os'
import { dirname, join } from 'node:path'
import { RemoteError } from '../contract/index.ts'
import { makeBootDisk, missingBootTools } from './boot-disk.ts'
import { isFull, noSpace } from './disk-space.ts'
import { convertDisk } from './qemu-img.ts'
import { agentFiles, debianArchitecture, packagesOf, type Recipe } from './recipe.ts'
import { lastWords, needTool, runTool } from './run-tool.ts'

export interface BuildOptions {
  /** An empty one, for everything half-made. */
  readonly folder: string
  readonly signal: AbortSignal
  /** What is being done, and the part of it that is done, of 1. */
  readonly progress: (doing: string, fraction: number) => void
}

const GIB = 1024 ** 3
const SIZES = { minimal: 2.5 * GIB, standard: 4 * GIB } as const

/** Files of the guest, by path. */
const FILES: Readonly<Record<string, string>> = {
  'etc/fstab': 'LABEL=vireo-root / ext4 defaults,errors=remount-ro 0 1\n',
  // Not the name of the computer that it is built on.
  'etc/hostname': 'localhost\n',
  'etc/hosts': '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n',
  // Looking for a cloud's server where there is none delays every boot by minutes.
  'etc/cloud/cloud.cfg.d/90_vireo.cfg': 'datasource_list: [NoCloud, ConfigDrive, None]\nlocale: C.UTF-8\n',
  'etc/ssh/sshd_config.d/50-vireo.conf': 'PasswordAuthentication no\n',
}

const MIRRORS = {
  debian: { keyring: '/usr/share/keyrings/debian-archive-keyring.gpg', package: 'debian-archive-keyring' },
  ubuntu: { keyring: '/usr/share/keyrings/ubuntu-archive-keyring.gpg', package: 'ubuntu-keyring' },
} as const

/** Lines of a sources.list; without a mirror of one's own the distribution's, with its security updates. */
export const sourcesOf = ({ distribution, suite, mirror, architecture }: Recipe): string[] => {
  const { keyring } = MIRRORS[distribution]
  const deb = (address: string, name: string, parts: string) => `deb [signed-by=${keyring}] ${address} ${name} ${parts}`
  if (distribution === 'ubuntu') {
    const usual =
      architecture === 'x86_64' ? 'http://archive.ubuntu.com/ubuntu' : 'http://ports.ubuntu.com/ubuntu-ports'
    return ['', '-updates', '-security'].map(part => deb(mirror ?? usual, `${suite}${part}`, 'main universe'))
  }
  const lines = ['', '-updates'].map(part => deb(mirror ?? 'http://deb.debian.org/debian', `${suite}${part}`, 'main'))
  const security = deb('http://deb.debian.org/debian-security', `${suite}-security`, 'main')
  return mirror === null ? [...lines, security] : lines
}

const MILESTONES: readonly (readonly [RegExp, string, number])[] = [
  [/running apt-get update/, 'Reading the package lists', 0.03],
  [/downloading packages/, 'Downloading the packages', 0.08],
  [/extracting archives/, 'Unpacking the base system', 0.2],
  [/installing essential packages/, 'Installing the base system', 0.28],
  [/installing remaining packages/, 'Installing the packages', 0.4],
  [/running --customize-hook/, 'Setting the system up', 0.75],
  [/cleaning package lists/, 'Clearing up', 0.78],
]

const ensurePossible = (recipe: Recipe): void => {
  const unsupported = (message: string, hint: string) => new RemoteError({ kind: 'unsupported', message, hint })
  if (process.getuid?.() !== 0)
    throw unsupported(
      'Only root can build an image: it holds files of every owner.',
      'Run vireo image build as root, or download a cloud image.',
    )
  const missing = missingBootTools()
  if (missing.length > 0)
    throw unsupported(
      `Building an image needs programs that are not installed: ${missing.join(', ')}.`,
      `On Debian and Ubuntu: apt-get install ${missing.join(' ')}`,
    )
  const { keyring, package: name } = MIRRORS[recipe.distribution]
  if (!existsSync(keyring))
    throw unsupported(
      `The keys of ${recipe.distribution}'s packages are not on this computer.`,
      `They are in the package ${name}.`,
    )
  const own = arch() === 'arm64' ? 'aarch64' : 'x86_64'
  if (recipe.architecture !== own)
    throw unsupported(`This computer builds images for ${own} only.`, 'Download a cloud image instead.')
}

/** Commands of mmdebstrap that finish the system; `$1` is its root. They run before apt's lists are cleared. */
const hooksOf = (recipe: Recipe, extra: string): string[] => [
  `cp -r --no-preserve=ownership ${quoted(extra)}/. "$1"/`,
  ...(recipe.agentFolder === null ? [] : ['chroot "$1" systemctl enable -q vireo-agent']),
  'chroot "$1" systemctl enable -q systemd-networkd systemd-resolved ssh',
  // Every machine makes its own.
  'rm -f "$1"/etc/ssh/ssh_host_*_key "$1"/etc/ssh/ssh_host_*_key.pub "$1"/var/lib/dbus/machine-id',
]

/** As a POSIX shell wants it. */
const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`

const bootstrap = async (recipe: Recipe, root: string, extra: string, options: BuildOptions): Promise<void> => {
  const { signal, progress } = options
  const onLine = (line: string) => {
    const found = MILESTONES.find(([pattern]) => pattern.test(line))
    if (found) progress(found[1], found[2])
  }
  const args = [
    ...['--mode=root', '--variant=required', '--format=directory', '--skip=check/qemu'],
    ...[`--architectures=${debianArchitecture(recipe.architecture)}`, `--include=${packagesOf(recipe).join(',')}`],
    '--aptopt=APT::Install-Recommends "false"',
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-include=/usr/share/doc/*/copyright',
    ...hooksOf(recipe, extra).map(hook => `--customize-hook=${hook}`),
    ...[recipe.suite, root, ...sourcesOf(recipe)],
  ]
  // In a mount namespace of its own: whoever kills it leaves nothing mounted.
  const command = [needTool('unshare', 'util-linux'), '--mount', needTool('mmdebstrap', 'mmdebstrap'), ...args]
  const [program = '', ...rest] = command
  const environment = { ...process.env, TMPDIR: options.folder, DEBIAN_FRONTEND: 'noninteractive' }
  const end = await runTool(program, rest, { signal, ms: 3_600_000, onLine, environment })
  if (end.code === 0) return
  const why =
    /^E: (?!.*(?:exited with|failed to run|mmdebstrap)).*$/m.exec(end.err)?.[0].slice(3, 300) ?? lastWords(end)
  if (/no space left/i.test(end.err)) throw noSpace(options.folder, null)
  throw new RemoteError({
    kind: 'precondition',
    message: `The packages of ${recipe.distribution} ${recipe.suite} cannot be installed: ${why}`,
    hint: 'Can the package mirror be reached? Another one can be given.',
  })
}

const finish = async (root: string): Promise<void> => {
  await truncate(join(root, 'etc/machine-id'), 0).catch(async () => writeFile(join(root, 'etc/machine-id'), ''))
  const resolver = join(root, 'etc/resolv.conf')
  if (!(await lstat(resolver).catch(() => undefined))?.isSymbolicLink()) {
    await rm(resolver, { force: true })
    await symlink('../run/systemd/resolve/stub-resolv.conf', resolver)
  }
}

/**
 * Builds a recipe and gives the path of a qcow2 image in `folder`. Takes a minute or more, and needs root. Throws
 * `unsupported` with what is missing, `precondition` when packages cannot be had, `cancelled`.
 */
export const buildImage = async (recipe: Recipe, options: BuildOptions): Promise<string> => {
  const { folder, signal, progress } = options
  ensurePossible(recipe)
  // apt drops its rights for downloads, and must still find its way.
  await chmod(folder, 0o755)
  const [root, extra, raw, disk] = ['root', 'extra', 'disk.raw', 'disk.qcow2'].map(name => join(folder, name))
  if (root === undefined || extra === undefined || raw === undefined || disk === undefined)
    throw new Error('unreachable')
  try {
    for (const [path, text] of Object.entries(FILES)) {
      await mkdir(join(extra, dirname(path)), { recursive: true })
      await writeFile(join(extra, path), text)
    }
    const agent = recipe.agentFolder === null ? {} : agentFiles(recipe.agentFolder, recipe.architecture)
    for (const [path, from] of Object.entries(agent)) {
      await mkdir(join(extra, dirname(path)), { recursive: true })
      await copyFile(from, join(extra, path))
      await chmod(join(extra, path), path.startsWith('usr/sbin/') ? 0o755 : 0o644)
    }
    await bootstrap(recipe, root, extra, options)
    await finish(root)
    progress('Writing the disk', 0.8)
    const { distribution, architecture } = recipe
    await makeBootDisk({ root, disk: raw, distribution, architecture, size: SIZES[recipe.variant], signal })
    progress('Packing the disk', 0.92)
    const tell = (fraction: number) => progress('Packing the disk', 0.92 + fraction * 0.08)
    await convertDisk({ from: raw, format: 'raw', to: disk, folder, signal, progress: tell })
    return disk
  } catch (error) {
    if (isFull(error)) throw noSpace(folder, null, error)
    throw error
  } finally {
    for (const rest of [root, extra, raw]) await rm(rest, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Makes images of recipes. */
export interface ImageBuilder {
  /** Throws `unsupported` with what is missing for that on this computer; asks no mirror. */
  readonly ensurePossible: (recipe: Recipe) => void
  readonly build: typeof buildImage
}

export const MIRROR_BUILDER: ImageBuilder = { ensurePossible, build: buildImage }
