import type { Machine } from '../machine.ts'

export const PACKAGE_MANAGERS = ['apt', 'dnf', 'yum', 'zypper', 'apk', 'pacman'] as const
export type PackageManager = (typeof PACKAGE_MANAGERS)[number]

export interface Distribution {
  /** As os-release has it, for instance `debian`. */
  readonly id: string
  readonly like: readonly string[]
  readonly versionId: string
  /** For people. */
  readonly name: string
  readonly manager: PackageManager | null
}

const PROGRAMS: Readonly<Record<PackageManager, string>> = {
  ...{ apt: 'apt-get', dnf: 'dnf', yum: 'yum', zypper: 'zypper', apk: 'apk', pacman: 'pacman' },
}

/** The lines `KEY=value` of os-release, quotes taken off. */
export const parseOsRelease = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap(line => {
      const [, key, value] = /^([A-Z_]+)=(.*)$/.exec(line.trim()) ?? []
      if (key === undefined || value === undefined) return []
      return [[key, value.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(["$`\\])/g, '$1')] as const]
    }),
  )

export const readDistribution = async ({ files, commands }: Machine): Promise<Distribution> => {
  const text = (await files.read('/etc/os-release')) ?? (await files.read('/usr/lib/os-release')) ?? ''
  const facts = parseOsRelease(text)
  const found = await Promise.all(
    PACKAGE_MANAGERS.map(async name => (await commands.find(PROGRAMS[name])) !== undefined),
  )
  return {
    id: facts.get('ID') ?? 'linux',
    like: (facts.get('ID_LIKE') ?? '').split(' ').filter(Boolean),
    versionId: facts.get('VERSION_ID') ?? '',
    name: facts.get('PRETTY_NAME') ?? facts.get('NAME') ?? 'Linux',
    manager: PACKAGE_MANAGERS.find((_, index) => found[index]) ?? null,
  }
}
