import type { CatalogueImage } from '@vireo/app-main/contract'
import { useState } from 'react'
import { useStores, useTasks } from '../../store/hooks.ts'
import { Badge, type Column, cx, DataTable, MenuButton, Search, Section } from '../../ui/index.ts'
import { systemMenu } from './image-actions.ts'
import { found } from './image-view.ts'
import s from './images.module.css'
import { useText } from './text.ts'

interface CatalogueProps {
  catalogue: readonly CatalogueImage[]
  /** Why nothing can be changed now. */
  reason: string | null
}

const useWays = (): ((entry: CatalogueImage) => string) => {
  const t = useText()
  return ({ ways, place, inPlace }) => {
    if (place?.startsWith('/')) return t(inPlace ? 'way.place' : 'way.none')
    return ways.length === 0 ? t('nobody') : ways.map(way => t(`way.${way}`)).join(', ')
  }
}

const useColumns = (reason: string | null): readonly Column<CatalogueImage>[] => {
  const t = useText()
  const stores = useStores()
  const waysOf = useWays()
  const tasks = useTasks()
  const coming = new Set(
    [...tasks.values()].filter(one => one.room === 'image' && one.state === 'running').map(one => one.targetName),
  )
  return [
    {
      ...{ id: 'name', label: t('name'), heading: true, wide: true, order: (one: CatalogueImage) => one.name },
      cell: one => (
        <span className={cx(s.named)}>
          <span>
            <bdi>{one.name}</bdi> {one.origin === 'own' ? <Badge>{t('own')}</Badge> : null}
          </span>
          <small>
            <bdi>{one.place ?? one.id}</bdi>
          </small>
        </span>
      ),
    },
    { id: 'ways', label: t('ways'), cell: one => <span className={cx(s.ways)}>{waysOf(one)}</span> },
    {
      ...{ id: 'until', label: t('until'), spare: true, order: (one: CatalogueImage) => one.supportedUntil },
      cell: one => one.supportedUntil ?? '—',
    },
    {
      ...{ id: 'here', label: t('isHere'), order: (one: CatalogueImage) => Number(one.cached === null) },
      cell: one => (one.cached === null ? '—' : t('yes')),
    },
    {
      ...{ id: 'actions', label: t('actions'), bare: true },
      cell: one => {
        const entries = systemMenu(one, { stores, reason, busy: coming.has(one.id) })
        return entries.length === 0 ? null : (
          <MenuButton icon="more" label={t('actionsOf', { name: one.name })} entries={entries} />
        )
      },
    },
  ]
}

/** What can be fetched or built. */
export const CatalogueTable = ({ catalogue, reason }: CatalogueProps) => {
  const t = useText()
  const [query, setQuery] = useState('')
  const columns = useColumns(reason)
  return (
    <Section
      top
      title={t('catalogue')}
      actions={<Search label={t('find')} value={query} onChange={setQuery} />}
      note={t('catalogueHint')}
    >
      <DataTable
        label={t('catalogue')}
        columns={columns}
        rows={found(catalogue, query)}
        rowKey={one => one.id}
        sortedBy="name"
        empty={t(query === '' ? 'noCatalogue' : 'noMatch')}
        framed
      />
    </Section>
  )
}
