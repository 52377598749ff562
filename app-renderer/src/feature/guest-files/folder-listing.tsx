import type { GuestEntry } from '@vireo/app-main/contract'
import { failureText } from '../../store/app-error.ts'
import { Button, EmptyState, Spinner } from '../../ui/index.ts'
import { FileGrid, type MenuAt } from './file-grid.tsx'
import type { View } from './folder-view.ts'
import s from './guest-files.module.css'
import { parentOf } from './guest-path.ts'
import { visiblePath } from './safe-name.ts'
import { useText } from './text.ts'
import type { Folder } from './use-folder.ts'

interface FolderListingProps {
  folder: Folder
  view: View
  onOpen: (entry: GuestEntry) => void
  onDelete: () => void
  onMenu: (at: MenuAt) => void
  /** Fetches what a link led to, should it be no folder. */
  onFetch: (() => void) | null
}

/** The list stays in the document whatever becomes of its folder: the keyboard is in it. */
export const FolderListing = ({ folder, view, onOpen, onDelete, onMenu, onFetch }: FolderListingProps) => {
  const t = useText()
  const { path } = folder
  return (
    <>
      <div className={s.listing}>
        <FileGrid
          label={t('list', { path: visiblePath(path) })}
          rows={view.rows}
          sorting={view.sorting}
          onSort={view.setSorting}
          selection={view.selection}
          onSelect={view.setSelection}
          onOpen={onOpen}
          onUp={() => folder.go(parentOf(path))}
          onDelete={onDelete}
          onMenu={onMenu}
        />
        {view.rows.length === 0 ? (
          <div className={s.nobody}>
            <Nothing folder={folder} view={view} onFetch={onFetch} />
          </div>
        ) : null}
      </div>
      <Foot view={view} total={folder.entries?.length ?? null} />
    </>
  )
}

/** Why no entry shows. */
const Nothing = ({ folder, view, onFetch }: Pick<FolderListingProps, 'folder' | 'view' | 'onFetch'>) => {
  const t = useText()
  if (folder.error) return <NoFolder folder={folder} onFetch={onFetch} />
  if (folder.entries === null) return <Spinner size={24} label={t('reading')} />
  if (folder.entries.length > 0)
    return (
      <EmptyState
        icon="folder"
        title={t('onlyHidden')}
        actions={
          <Button look="line" onPress={() => view.setHidden(true)}>
            {t('showHidden')}
          </Button>
        }
      />
    )
  return (
    <EmptyState icon="folder" title={t('empty')}>
      <p>{t('emptyDrop')}</p>
    </EmptyState>
  )
}

const NoFolder = ({ folder, onFetch }: Pick<FolderListingProps, 'folder' | 'onFetch'>) => {
  const t = useText()
  const { path, error, before } = folder
  // It is there, and no folder.
  const isFile = error?.kind !== 'not-found' && error?.kind !== 'permission'
  return (
    <EmptyState
      icon="warn"
      title={t('noFolder', { path: visiblePath(path) })}
      actions={
        <>
          <Button look="line" icon="reboot" onPress={folder.reload}>
            {t('again')}
          </Button>
          {onFetch && isFile ? (
            <Button look="line" icon="download" onPress={onFetch}>
              {t('fetchLink')}
            </Button>
          ) : null}
          {before !== null && before !== path ? (
            <Button look="solid" onPress={() => folder.go(before)}>
              {t('back')}
            </Button>
          ) : null}
        </>
      }
    >
      <p role="alert">
        <bdi>{error ? failureText(error) : null}</bdi>
      </p>
    </EmptyState>
  )
}

const Foot = ({ view, total }: { view: View; total: number | null }) => {
  const t = useText()
  if (total === null) return null
  const hidden = total - view.rows.length
  const parts = [
    t('count', { count: view.rows.length }),
    hidden > 0 ? t('hiddenCount', { count: hidden }) : null,
    view.chosen.length > 0 ? t('chosen', { count: view.chosen.length }) : null,
  ]
  return (
    <p className={s.foot} role="status">
      {parts.filter(part => part !== null).join(' · ')}
    </p>
  )
}
