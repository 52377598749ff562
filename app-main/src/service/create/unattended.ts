/** Whether and how an installation medium is answered; nothing is looked up and nothing is done. */
import {
  answersFor,
  installerOf,
  type AnswerDraft,
  type Answers,
  type FixedAddress,
  type InstallerKind,
} from '../../answer-file/index.ts'
import { seedDocuments, type SeedDraft, type SeedNic } from '../../cloud-init/index.ts'
import { RemoteError, type CreateDraft } from '../../contract/index.ts'
import type { Source } from './source.ts'

export interface Unattended {
  readonly kind: InstallerKind
  readonly answers: Answers
}

const wrong = (kind: 'invalid-input' | 'unsupported', message: string, hint: string): RemoteError =>
  new RemoteError({ kind, message, hint })

/** Null where nobody asked for it. Throws `invalid-input` and `unsupported`. */
export const installerFor = (draft: CreateDraft, source: Source): InstallerKind | null => {
  if (!draft.unattended) return null
  if (source.kind !== 'iso')
    throw wrong('invalid-input', 'There is nothing to install: the source is an image.', 'Leave “unattended” out.')
  if (!draft.cloudInit)
    throw wrong('invalid-input', 'Without cloud-init no installer is answered.', 'Leave one of the two out.')
  if (draft.firmware === 'secure-boot')
    throw wrong('unsupported', 'An answered installer does not start with Secure Boot.', 'Use UEFI without it.')
  const kind = installerOf(source.osId)
  if (kind) return kind
  throw wrong(
    'unsupported',
    'Vireo can answer the installers of Debian 11 and Ubuntu Server 22.04, and newer ones; this medium is none of them.',
    'Leave “unattended” out and answer it on its screen.',
  )
}

/** The name of the system's disk in the guest. Disks on two buses that share their names come in any order. */
export const systemDisk = ({ bus, disks }: Pick<CreateDraft, 'bus' | 'disks'>): string => {
  if (bus === 'virtio') return '/dev/vda'
  if (disks.every(disk => disk.bus === 'virtio' || disk.bus === bus)) return '/dev/sda'
  const message = 'With SCSI and SATA disks in one machine nobody knows which of them the installer would overwrite.'
  throw wrong('invalid-input', message, 'Put the system on a virtio disk.')
}

const netmask = (prefix: number): string =>
  [24, 16, 8, 0].map(shift => ((prefix === 0 ? 0 : 0xffffffff << (32 - prefix)) >>> shift) & 0xff).join('.')

const fixedOf = ([nic]: readonly SeedNic[]): FixedAddress | null => {
  const [address = '', prefix = ''] = nic?.address?.split('/') ?? []
  if (nic === undefined || address === '' || address.includes(':')) return null
  const names = nic.nameServers.filter(one => !one.includes(':'))
  const gateway = nic.gateway?.includes(':') ? null : nic.gateway
  return { address, netmask: netmask(Number(prefix)), gateway, nameServers: names }
}

/** Debian's installer knows one card, and of fixed addresses those of IPv4. */
const isPlain = (nics: readonly SeedNic[]): boolean =>
  nics.every(({ address, nameServers }) => (address === null ? nameServers.length === 0 : !address.includes(':'))) &&
  nics.length <= 1

const mirrorOf = ({ mirror }: CreateDraft): AnswerDraft['mirror'] => {
  if (mirror === undefined) return null
  const { host, pathname, username, password, search, hash } = new URL(mirror)
  if ([username, password, search, hash].every(part => part === ''))
    return { host, folder: pathname.replace(/(?<=.)\/+$/, '') }
  throw wrong('invalid-input', 'A package mirror is a host and a folder, and nothing else.', 'Leave the rest out.')
}

/** For cloud-init a key that it does not know is a warning; Ubuntu’s installer stops there, before it does anything. */
const mustKnow = (warnings: readonly string[]): void => {
  if (warnings.length === 0) return
  const message = 'Ubuntu’s installer refuses user-data with a key that cloud-init does not know.'
  throw new RemoteError({ kind: 'invalid-input', message, issues: [...warnings], hint: 'Correct it, or leave it out.' })
}

/** Throws `invalid-input`, also for user-data that cannot be used. `emulated`: it will be a PC without KVM. */
export const unattendedOf = (
  draft: CreateDraft,
  source: Source,
  seed: SeedDraft | null,
  emulated = false,
): Unattended | null => {
  const kind = installerFor(draft, source)
  if (kind === null || seed === null) return null
  const { userData, networkConfig, warnings } = seedDocuments(seed)
  if (kind === 'ubuntu') mustKnow(warnings)
  const { hostname, user, nics } = seed
  const said = {
    ...{ hostname, user, emulated },
    disk: systemDisk(draft),
    fixed: fixedOf(nics),
    mirror: mirrorOf(draft),
    plainNetwork: isPlain(nics),
  }
  return { kind, answers: answersFor(kind, { ...said, userData, networkConfig }) }
}
