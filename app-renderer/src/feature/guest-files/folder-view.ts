/** How a folder is looked at: what shows, in which order, and what of it is chosen. */
import type { GuestEntry } from '@vireo/app-main/contract'
import { useMemo, useState } from 'react'
import { arrange, type Sorting } from './arrange.ts'
import { among, NOTHING, type Selection } from './selection.ts'
import type { Folder } from './use-folder.ts'

export interface View {
  readonly rows: readonly GuestEntry[]
  readonly sorting: Sorting
  readonly setSorting: (sorting: Sorting) => void
  readonly hidden: boolean
  readonly setHidden: (hidden: boolean) => void
  readonly selection: Selection
  readonly setSelection: (selection: Selection) => void
  readonly chosen: readonly GuestEntry[]
}

export const useView = ({ path, entries }: Folder): View => {
  const [sorting, setSorting] = useState<Sorting>({ column: 'name', down: false })
  const [hidden, setHidden] = useState(false)
  const [picked, setPicked] = useState<{ path: string; selection: Selection }>({ path, selection: NOTHING })
  const rows = useMemo(() => arrange(entries ?? [], sorting, hidden), [entries, sorting, hidden])
  const order = useMemo(() => rows.map(({ name }) => name), [rows])
  const selection = picked.path === path ? among(picked.selection, order) : NOTHING
  const chosen = rows.filter(({ name }) => selection.names.has(name))
  const setSelection = (next: Selection): void => setPicked({ path, selection: next })
  return { rows, sorting, setSorting, hidden, setHidden, selection, setSelection, chosen }
}
