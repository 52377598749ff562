/** What LXD and Incus have, as tables. */
import type {
  ConnectionUri,
  LxdImage,
  LxdNetwork,
  LxdPool,
  LxdProfile,
  LxdVolume,
  VireoClient,
} from '@vireo/app-main/contract'
import type { Format } from '../../i18n/format.ts'

import { Badge, type Column } from '../../ui/index.ts'
import type { useText } from './text.ts'

type Words = ReturnType<typeof useText>

export interface Kind<Row> {
  readonly id: 'images' | 'profiles' | 'pools' | 'volumes' | 'networks'
  readonly read: (client: VireoClient, connection: ConnectionUri) => Promise<readonly Row[]>
  readonly columns: (t: Words, format: Format) => readonly Column<Row>[]
  readonly rowKey: (row: Row) => string
}

const PLAIN = '—'
const mono = (value: string | null) => (value === null || value === '' ? PLAIN : <bdi className="mono">{value}</bdi>)

const named = <Row extends { readonly name: string }>(t: Words): Column<Row> => ({
  ...{ id: 'name', label: t('name'), heading: true, order: (row: Row) => row.name },
  cell: row => <bdi>{row.name}</bdi>,
})

const users = <Row extends { readonly usedBy: number }>(t: Words, format: Format): Column<Row> => ({
  ...{ id: 'usedBy', label: t('usedBy'), figure: true, order: (row: Row) => row.usedBy },
  cell: row => format.number(row.usedBy),
})

const described = <Row extends { readonly description: string }>(t: Words): Column<Row> => ({
  ...{ id: 'about', label: t('about'), wide: true, order: (row: Row) => row.description || null },
  cell: row => (row.description ? <bdi>{row.description}</bdi> : PLAIN),
})

const TYPES = ['container', 'virtual-machine', 'image', 'custom'] as const

/** Another word than those is the daemon's own. */
const typeWord = (t: Words, type: string): string => {
  const known = TYPES.find(one => one === type)
  return known ? t(`kind.${known}`) : type
}

export const IMAGES: Kind<LxdImage> = {
  id: 'images',
  read: (client, connection) => client.lxd.images({ connection }),
  rowKey: one => one.fingerprint,
  columns: (t, format) => [
    {
      ...{ id: 'name', label: t('name'), heading: true, order: (one: LxdImage) => one.aliases[0] ?? null },
      cell: ({ aliases, cached }) => (
        <>
          {aliases.length > 0 ? <bdi>{aliases.join(', ')}</bdi> : PLAIN} {cached ? <Badge>{t('cached')}</Badge> : null}
        </>
      ),
    },
    { id: 'fingerprint', label: t('fingerprint'), cell: one => mono(one.fingerprint.slice(0, 12)) },
    { id: 'kind', label: t('kind'), order: one => one.type, cell: one => typeWord(t, one.type) },
    { id: 'arch', label: t('architecture'), order: one => one.architecture, cell: one => mono(one.architecture) },
    {
      ...{ id: 'size', label: t('size'), figure: true, order: (one: LxdImage) => one.bytes },
      cell: one => format.bytes(one.bytes),
    },
    described(t),
  ],
}

export const PROFILES: Kind<LxdProfile> = {
  id: 'profiles',
  read: (client, connection) => client.lxd.profiles({ connection }),
  rowKey: one => one.name,
  columns: (t, format) => [named(t), users(t, format), described(t)],
}

export const POOLS: Kind<LxdPool> = {
  id: 'pools',
  read: (client, connection) => client.lxd.pools({ connection }),
  rowKey: one => one.name,
  columns: (t, format) => [
    named(t),
    { id: 'driver', label: t('driver'), order: one => one.driver, cell: one => mono(one.driver) },
    { id: 'state', label: t('state'), order: one => one.status, cell: one => <bdi>{one.status || PLAIN}</bdi> },
    {
      ...{ id: 'used', label: t('used'), figure: true, order: (one: LxdPool) => one.usedBytes },
      cell: one => (one.usedBytes === null ? PLAIN : format.bytes(one.usedBytes)),
    },
    {
      ...{ id: 'size', label: t('size'), figure: true, order: (one: LxdPool) => one.totalBytes },
      cell: one => (one.totalBytes === null ? PLAIN : format.bytes(one.totalBytes)),
    },
  ],
}

export const VOLUMES: Kind<LxdVolume> = {
  id: 'volumes',
  read: (client, connection) => client.lxd.volumes({ connection }),
  rowKey: one => `${one.pool}/${one.type}/${one.name}`,
  columns: (t, format) => [
    named(t),
    { id: 'pool', label: t('pool'), order: one => one.pool, cell: one => <bdi>{one.pool}</bdi> },
    { id: 'kind', label: t('kind'), order: one => one.type, cell: one => typeWord(t, one.type) },
    { id: 'content', label: t('content'), order: one => one.content, cell: one => mono(one.content) },
    users(t, format),
  ],
}

export const NETWORKS: Kind<LxdNetwork> = {
  id: 'networks',
  read: (client, connection) => client.lxd.networks({ connection }),
  rowKey: one => one.name,
  columns: (t, format) => [
    named(t),
    { id: 'kind', label: t('kind'), order: one => one.type, cell: one => mono(one.type) },
    {
      ...{ id: 'owner', label: t('owner'), order: (one: LxdNetwork) => Number(!one.managed) },
      cell: one => t(one.managed ? 'ownerLxd' : 'ownerHost'),
    },
    { id: 'ipv4', label: t('ipv4'), order: one => one.ipv4, cell: one => mono(one.ipv4) },
    users(t, format),
  ],
}
