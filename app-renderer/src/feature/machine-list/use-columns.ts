import { type RefObject, useCallback, useLayoutEffect, useMemo, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useSettings, useStores } from '../../store/hooks.ts'
import type { MenuEntry } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { allShown, CHOOSABLE, type ColumnKey, type ColumnSpec, fittingColumns, toggled } from './columns.ts'
import { text, useText } from './text.ts'

/** The design's column widths, in pixels. */
const designWidth = (key: ColumnKey | 'mark'): number =>
  Number.parseFloat(getComputedStyle(document.documentElement).getPropertyValue(`--col-${key}`)) || 0

const keysFor = (hidden: readonly string[], room: number): string =>
  fittingColumns(hidden, room, designWidth)
    .map(({ key }) => key)
    .join(' ')

/** The columns that are wanted and fit; follows the width of the list. */
export const useColumns = (list: RefObject<HTMLElement | null>): readonly ColumnSpec[] => {
  const { hiddenColumns } = useSettings()
  // Its words change seldom: dragging the window's edge paints nothing until a column comes or goes.
  const [keys, setKeys] = useState(() => keysFor(hiddenColumns, Infinity))
  useLayoutEffect(() => {
    const element = list.current
    if (!element) return undefined
    const measure = (): void => setKeys(keysFor(hiddenColumns, element.clientWidth || Infinity))
    measure()
    const resized = new ResizeObserver(measure)
    resized.observe(element)
    return () => resized.disconnect()
  }, [list, hiddenColumns])
  return useMemo(() => {
    const shown = new Set(keys.split(' '))
    return fittingColumns([], Infinity, () => 0).filter(({ key }) => shown.has(key))
  }, [keys])
}

/** The menu in which columns are chosen. */
export const useColumnMenu = (): readonly MenuEntry[] => {
  const { settings } = useStores()
  const { hiddenColumns } = useSettings()
  const t = useText()
  const change = useCallback(
    (next: string[]): void => {
      settings
        .change({ hiddenColumns: next })
        .catch((thrown: unknown) => showFailure(text('columnsFailed'), appErrorOf(thrown)))
    },
    [settings],
  )
  return useMemo(() => {
    const items: MenuEntry[] = CHOOSABLE.map(key => ({
      id: key,
      label: t(`col.${key}`),
      checked: !hiddenColumns.includes(key),
      onAction: () => change(toggled(hiddenColumns, key)),
    }))
    const some = CHOOSABLE.some(key => hiddenColumns.includes(key))
    const all = { id: 'all', label: t('allColumns'), onAction: () => change(allShown(hiddenColumns)) }
    return some ? [...items, 'separator', all] : items
  }, [t, hiddenColumns, change])
}
