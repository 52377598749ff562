import type { CachedImage, CatalogueImage, ImageUsers } from '@vireo/app-main/contract'
import { useMemo } from 'react'
import { type Format, useFormat } from '../../i18n/format.ts'
import { useConnections, useStores } from '../../store/hooks.ts'
import { type Column, cx, DataTable, MenuButton } from '../../ui/index.ts'
import { createPlaces } from '../create/places.ts'
import { imageMenu } from './image-actions.ts'
import { expiryOf, usersOf } from './image-view.ts'
import s from './images.module.css'
import { useText } from './text.ts'

interface ImageTableProps {
  images: readonly CachedImage[]
  catalogue: readonly CatalogueImage[]
  users: ImageUsers | null
  /** Why nothing can be changed now. */
  reason: string | null
  onDelete: (image: CachedImage) => void
}

/** How many names a cell spells out. */
const NAMED = 3

const Users = ({ users }: { users: readonly string[] }) => {
  const t = useText()
  const format = useFormat()
  if (users.length === 0) return <>{t('nobody')}</>
  const rest = users.length - NAMED
  const named = rest > 0 ? [...users.slice(0, NAMED), t('more', { count: rest })] : users
  return <bdi title={users.join('\n')}>{format.list(named)}</bdi>
}

const useExpiry = (format: Format): ((image: CachedImage, users: readonly string[]) => string) => {
  const t = useText()
  return (image, users) => {
    const now = Date.now()
    const expiry = expiryOf(image, users, now)
    if (expiry.kind === 'used') return t('keptWhileUsed')
    return expiry.kind === 'due' ? t('nextCleanUp') : format.relative(expiry.at, now)
  }
}

const useColumns = ({ catalogue, users, reason, onDelete }: ImageTableProps): readonly Column<CachedImage>[] => {
  const t = useText()
  const format = useFormat()
  const expiry = useExpiry(format)
  const stores = useStores()
  const makes = createPlaces(useConnections().values()).length > 0
  const neededBy = (image: CachedImage) => usersOf(image, users)
  const details = ({ from, format: kind, signature }: CachedImage): string =>
    [
      t(`from.${from}`),
      ...(kind === 'iso' ? [t('medium')] : []),
      ...(signature.state === 'good' && from === 'fetched' ? [t('signed')] : []),
    ].join(', ')
  return [
    {
      ...{ id: 'name', label: t('name'), heading: true, wide: true, order: (one: CachedImage) => one.name },
      cell: one => (
        <span className={cx(s.named)}>
          <bdi>{one.name}</bdi>
          <small>
            <bdi>{one.sha256.slice(0, 12)}</bdi>
          </small>
        </span>
      ),
    },
    { id: 'from', label: t('from'), spare: true, order: one => one.from, cell: details },
    {
      id: 'size',
      label: t('size'),
      figure: true,
      order: one => one.fileBytes,
      cell: one => format.bytes(one.fileBytes),
    },
    {
      ...{ id: 'since', label: t('since'), spare: true, order: (one: CachedImage) => one.addedAt },
      cell: one => <span title={format.time(one.addedAt)}>{format.relative(one.addedAt, Date.now())}</span>,
    },
    {
      ...{ id: 'users', label: t('usedBy'), wide: true, spare: true },
      order: one => neededBy(one).length,
      cell: one => <Users users={neededBy(one)} />,
    },
    {
      ...{ id: 'expires', label: t('expires') },
      order: one => (neededBy(one).length > 0 ? null : one.usedAt),
      cell: one => expiry(one, neededBy(one)),
    },
    {
      ...{ id: 'actions', label: t('actions'), bare: true },
      cell: one => {
        const entry = catalogue.find(({ id }) => id === one.osId) ?? null
        const entries = imageMenu(one, { stores, entry, reason, makes, onDelete: () => onDelete(one) })
        return <MenuButton icon="more" label={t('actionsOf', { name: one.name })} entries={entries} />
      },
    },
  ]
}

/** The images that are here. */
export const ImageTable = (props: ImageTableProps) => {
  const t = useText()
  const columns = useColumns(props)
  const rows = useMemo(() => [...props.images], [props.images])
  return (
    <DataTable
      label={t('here')}
      columns={columns}
      rows={rows}
      rowKey={one => one.sha256}
      sortedBy="name"
      empty={t('none')}
      framed
    />
  )
}
