/** What an image made from a package mirror consists of. The same recipe always has the same key. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { RemoteError } from '../contract/index.ts'
import { Architecture, CATALOGUE, ownArchitecture } from './catalogue.ts'

/** Changes whenever the same recipe would give another image. */
const REVISION = 4

export const Recipe = z.strictObject({
  distribution: z.enum(['debian', 'ubuntu']),
  suite: z.string().regex(/^[a-z][a-z0-9-]{1,30}$/),
  architecture: Architecture,
  /** `minimal`: what a machine needs to be reached and managed; `standard`: what a person at it expects too. */
  variant: z.enum(['minimal', 'standard']),
  /** The package mirror; the one this computer's apt uses unless told. */
  mirror: z.url({ protocol: /^https?$/ }).nullable(),
  packages: z.array(z.string().regex(/^[a-z0-9][a-z0-9+.-]{1,80}$/)).max(200),
  /** Where the Vireo agent's program, unit and settings lie on this computer; they are put in. */
  agentFolder: z.string().startsWith('/').nullable(),
})
export type Recipe = z.infer<typeof Recipe>

const BASE = [
  ...[
    'init',
    'systemd-sysv',
    'udev',
    'dbus',
    'kmod',
    'procps',
    'iproute2',
    'iputils-ping',
    'netbase',
    'ca-certificates',
  ],
  ...['cloud-init', 'cloud-guest-utils', 'fdisk', 'e2fsprogs', 'netplan.io', 'systemd-resolved'],
  ...['qemu-guest-agent', 'openssh-server', 'sudo', 'apt-utils', 'acpid', 'initramfs-tools', 'zstd'],
]
const STANDARD = [
  ...['bash-completion', 'curl', 'wget', 'less', 'man-db', 'vim-tiny', 'nano', 'htop', 'rsync', 'file', 'lsof', 'tmux'],
  ...['python3', 'gnupg', 'locales', 'unattended-upgrades', 'cron', 'logrotate', 'dnsutils', 'xz-utils', 'bzip2'],
]
/** Systems whose resolver is a part of systemd's own package. */
const WITHOUT_RESOLVED = new Set(['bullseye', 'jammy'])

const KERNELS: Readonly<Record<Recipe['distribution'], (debian: string) => string>> = {
  debian: debian => `linux-image-cloud-${debian}`,
  ubuntu: () => 'linux-image-virtual',
}
const DEBIAN_NAMES = { x86_64: 'amd64', aarch64: 'arm64' } as const
export const debianArchitecture = (architecture: Architecture): 'amd64' | 'arm64' => DEBIAN_NAMES[architecture]

/** The loader of UEFI is the signed one, so that Secure Boot can stay on; BIOS exists on x86 alone. */
const loaders = (architecture: Architecture): string[] =>
  architecture === 'x86_64'
    ? ['grub2-common', 'grub-pc-bin', 'grub-efi-amd64-bin', 'grub-efi-amd64-signed', 'shim-signed']
    : ['grub2-common', 'grub-efi-arm64-bin', 'grub-efi-arm64-signed', 'shim-signed']

export const packagesOf = (recipe: Recipe): string[] => [
  ...new Set([
    ...BASE.filter(name => name !== 'systemd-resolved' || !WITHOUT_RESOLVED.has(recipe.suite)),
    KERNELS[recipe.distribution](debianArchitecture(recipe.architecture)),
    ...loaders(recipe.architecture),
    ...(recipe.variant === 'standard' ? STANDARD : []),
    ...recipe.packages,
  ]),
]

/** The agent's files, by the place they get in the guest. */
export const agentFiles = (folder: string, architecture: Architecture): Readonly<Record<string, string>> => ({
  'usr/sbin/vireo-agent': join(folder, `vireo-agent-linux-${architecture === 'x86_64' ? 'x64' : 'arm64'}`),
  'etc/systemd/system/vireo-agent.service': join(folder, 'vireo-agent.service'),
  'etc/vireo-agent/config.json': join(folder, 'config.json'),
})

const digestOf = async (paths: readonly string[]): Promise<string> => {
  const hash = createHash('sha256')
  for (const path of paths)
    hash.update(
      createHash('sha256')
        .update(await readFile(path))
        .digest(),
    )
  return hash.digest('hex')
}

/** Equal for recipes that give the same image: the agent counts by its content, the order of packages not at all. */
export const recipeKey = async (recipe: Recipe): Promise<string> => {
  const { agentFolder, packages, ...rest } = Recipe.parse(recipe)
  const agent = agentFolder === null ? null : await digestOf(Object.values(agentFiles(agentFolder, rest.architecture)))
  const parts = [REVISION, rest.distribution, rest.suite, rest.architecture, rest.variant, rest.mirror, agent]
  const text = JSON.stringify([...parts, [...new Set(packages)].toSorted()])
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}

/** The recipe of a catalogue's entry. Throws `not-found` and `unsupported`. */
export const recipeFor = (
  id: string,
  change: Partial<Omit<Recipe, 'distribution' | 'suite'>> = {},
): { readonly recipe: Recipe; readonly osId: string } => {
  const entry = CATALOGUE.find(one => one.id === id)
  if (!entry?.build)
    throw new RemoteError({
      kind: entry ? 'unsupported' : 'not-found',
      message: entry ? `${entry.name} cannot be built from packages.` : `The catalogue has no “${id.slice(0, 80)}”.`,
      hint: 'Debian and Ubuntu can be built.',
    })
  const usual = { variant: 'minimal', mirror: null, packages: [], agentFolder: null } as const
  const recipe = { ...entry.build, architecture: ownArchitecture(), ...usual, ...change }
  return { osId: id, recipe: Recipe.parse({ ...recipe, packages: [...recipe.packages] }) }
}
