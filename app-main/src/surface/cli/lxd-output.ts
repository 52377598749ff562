/** The lxd room's lists for people. */
import type {
  InstanceLog,
  InstanceSnapshot,
  LxdImage,
  LxdNetwork,
  LxdPool,
  LxdProfile,
  LxdVolume,
} from '../../contract/index.ts'
import { printableLines, size, table } from './text.ts'

const kindOf = (type: LxdImage['type']): string => (type === 'container' ? 'container' : 'vm')
const sizeOr = (bytes: number | null): string => (bytes === null ? '-' : size(bytes))

const listed = <T>(none: string, heading: readonly string[], row: (one: T) => readonly string[]) => {
  return (all: readonly T[]): string => (all.length === 0 ? none : table(heading, all.map(row)))
}

export const LXD_FORMATTERS = {
  'lxd.images': listed(
    'No images.',
    ['ALIAS', 'FINGERPRINT', 'KIND', 'ARCH', 'SIZE', 'DESCRIPTION'],
    (one: LxdImage) => [
      ...[one.aliases.join(' ') || '-', one.fingerprint.slice(0, 12), kindOf(one.type), one.architecture],
      ...[size(one.bytes), one.description],
    ],
  ),
  'lxd.profiles': listed('No profiles.', ['NAME', 'USED BY', 'DESCRIPTION'], (one: LxdProfile) => [
    ...[one.name, String(one.usedBy), one.description],
  ]),
  'lxd.pools': listed('No storage pools.', ['NAME', 'DRIVER', 'STATE', 'USED', 'SIZE'], (one: LxdPool) => [
    ...[one.name, one.driver, one.status, sizeOr(one.usedBytes), sizeOr(one.totalBytes)],
  ]),
  'lxd.volumes': listed('No volumes.', ['POOL', 'NAME', 'TYPE', 'CONTENT', 'USED BY'], (one: LxdVolume) => [
    ...[one.pool, one.name, one.type, one.content, String(one.usedBy)],
  ]),
  'lxd.networks': listed('No networks.', ['NAME', 'TYPE', 'OWNER', 'IPV4', 'USED BY'], (one: LxdNetwork) => [
    ...[one.name, one.type, one.managed ? 'lxd' : 'host', one.ipv4 ?? '-', String(one.usedBy)],
  ]),
  'lxd.log': ({ file, files, text, cut }: InstanceLog): string => {
    if (file === null) return 'No log files.'
    const others = files.filter(one => one !== file)
    const also = others.length === 0 ? '' : ` (there are also ${others.join(', ')})`
    return `${cut ? 'The end of ' : ''}${file}${also}:\n${text === '' ? 'Nothing in it.' : printableLines(text.trimEnd())}`
  },
  'lxd.snapshots': listed('No snapshots.', ['NAME', 'TAKEN', 'MEMORY'], (one: InstanceSnapshot) => [
    ...[one.name, one.createdAt === null ? '-' : new Date(one.createdAt).toISOString(), one.stateful ? 'yes' : 'no'],
  ]),
} as const
