/** Installation media of the catalogue's systems, by what their makers call them: for where libosinfo's database is not. */
import { CATALOGUE } from '../../image/catalogue.ts'
import type { VolumeMarks } from './osinfo.ts'

/** A family of the catalogue, and what the volumes of its media are called. The version is the first group. */
interface KnownMedia {
  readonly family: string
  readonly volume: RegExp
  /** The version in the catalogue's words; as it stands unless told. */
  readonly version?: (said: string) => string
}

const RPM_ARCH = '(?:x86_64|aarch64)'

/** As the makers' media are called; each is bounded and cannot go back and forth over a hostile name. */
const KNOWN: readonly KnownMedia[] = [
  // Debian 12.5.0 amd64 n; d-live 12.5.0 gn amd64; installers and live systems of one release are one system.
  { family: 'debian', volume: /^(?:Debian|d-live) (\d{1,3})(?:\.\d{1,3}){1,2}(?: |$)/ },
  // Ubuntu-Server 24.04.1 LTS amd64; Ubuntu 24.04 LTS amd64
  { family: 'ubuntu', volume: /^Ubuntu(?:-Server)? (\d\d\.\d\d)(?:\.\d{1,2})?(?: |$)/ },
  // Fedora-S-dvd-x86_64-42; Fedora-WS-Live-42; Fedora-E-dvd-x86_64-43
  { family: 'fedora', volume: /^Fedora-[A-Za-z]{1,8}-[A-Za-z]{1,8}(?:-(?:x86_64|aarch64|x86|aarc))?-(\d{1,3})(?:-|$)/ },
  { family: 'almalinux', volume: new RegExp(`^AlmaLinux-(\\d{1,2})-\\d{1,2}-${RPM_ARCH}`) },
  { family: 'rocky', volume: new RegExp(`^Rocky-(\\d{1,2})-\\d{1,2}-${RPM_ARCH}`) },
  { family: 'oracle', volume: /^OL-(\d{1,2})-\d{1,2}-/ },
  { family: 'centos-stream', volume: /^CentOS-Stream-(\d{1,2})-/ },
  // alpine-virt 3.22.1 x86_64
  { family: 'alpine', volume: /^alpine-[a-z]{1,12} (\d{1,2}\.\d{1,3})(?:\.\d{1,3})?(?: |$)/ },
  { family: 'opensuse-leap', volume: /^openSUSE-Leap-(\d{1,2}\.\d)-/ },
  { family: 'opensuse-leap', volume: /^Leap-(\d{1,2}\.\d)-/ },
  { family: 'opensuse-tumbleweed', volume: /^openSUSE-(Tumbleweed)-/, version: () => 'rolling' },
  // 14_3_RELEASE_AMD64_CD
  { family: 'freebsd', volume: /^(\d{1,2}_\d)_RELEASE_/, version: said => said.replace('_', '.') },
  { family: 'arch', volume: /^(ARCH)_\d{6}$/, version: () => 'rolling' },
]

/**
 * The catalogue's name of the system on a medium; null where it is none of them. Microsoft gives media of several systems
 * one name, so none of theirs is told.
 */
export const catalogueIdOf = ({ volume }: Pick<VolumeMarks, 'volume'>): string | null => {
  for (const known of KNOWN) {
    const said = known.volume.exec(volume)?.[1]
    if (said === undefined) continue
    const version = known.version?.(said) ?? said
    const entry = CATALOGUE.find(one => one.family === known.family && one.version === version)
    if (entry) return entry.id
  }
  return null
}
