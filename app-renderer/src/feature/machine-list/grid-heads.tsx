import type { Sort, SortKey } from '../../store/domain-view.ts'
import { cx, Icon, MenuButton } from '../../ui/index.ts'
import type { ColumnSpec } from './columns.ts'
import s from './machine-grid.module.css'
import { useText } from './text.ts'
import { useColumnMenu } from './use-columns.ts'

interface GridHeadsProps {
  columns: readonly ColumnSpec[]
  sort: Sort
  onSort: (sort: Sort) => void
  marked: number
  shown: number
  onMarkAll: (on: boolean) => void
}

/** Figures are most interesting from the top down. */
const FALLING: ReadonlySet<SortKey> = new Set(['cpu', 'memory', 'disk'])

const nextSort = (sort: Sort, key: SortKey): Sort =>
  sort.key === key ? { key, descending: !sort.descending } : { key, descending: FALLING.has(key) }

export const GridHeads = ({ columns, sort, onSort, marked, shown, onMarkAll }: GridHeadsProps) => {
  const t = useText()
  const choice = useColumnMenu()
  return (
    <div role="row" aria-rowindex={1} className={cx(s.heads)}>
      <div role="columnheader" aria-colindex={1} className={cx(s.head, s.markHead)}>
        <input
          type="checkbox"
          className={cx(s.box)}
          aria-label={t('markAll')}
          checked={shown > 0 && marked >= shown}
          ref={box => {
            if (box) box.indeterminate = marked > 0 && marked < shown
          }}
          onChange={event => onMarkAll(event.target.checked)}
        />
      </div>
      {columns.map(({ key, cell }, at) => {
        const sorted = sort.key === key
        return (
          <div
            key={key}
            role="columnheader"
            aria-colindex={cell}
            aria-sort={sorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
            className={cx(s.head, s[key], key === 'name' && s.nameHead)}
          >
            <button type="button" onClick={() => onSort(nextSort(sort, key))}>
              {t(`col.${key}`)}
              {sorted ? <Icon name={sort.descending ? 'down' : 'up'} size={10} /> : null}
            </button>
            {at === columns.length - 1 ? (
              <span className={cx(s.choice)}>
                <MenuButton small icon="settings" label={t('columns')} entries={choice} />
              </span>
            ) : null}
          </div>
        )
      })}
    </div>
  )
}
