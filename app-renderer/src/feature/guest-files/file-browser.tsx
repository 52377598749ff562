import type { DomainSummary, GuestEntry } from '@vireo/app-main/contract'
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { useClient } from '../../store/hooks.ts'
import { ContextMenu, cx } from '../../ui/index.ts'
import { createFolder, deleteEntries, downloadReason, type Place, startDownload } from './file-actions.ts'
import type { MenuAt } from './file-grid.tsx'
import { FilesToolbar } from './files-toolbar.tsx'
import { ConflictDialog, NewFolderDialog } from './folder-dialogs.tsx'
import { FolderListing } from './folder-listing.tsx'
import { useView } from './folder-view.ts'
import s from './guest-files.module.css'
import { joinPath } from './guest-path.ts'
import { PathBar } from './path-bar.tsx'
import { hasFiles, readDrop } from './read-drop.ts'
import { visibleName, visiblePath } from './safe-name.ts'
import { useText } from './text.ts'
import { transfers } from './transfer-store.ts'
import { type Folder, useFolder } from './use-folder.ts'
import { useUploads } from './use-uploads.ts'

/** A link that was opened as if it led to a folder. */
interface Followed {
  readonly place: Place
  readonly entry: GuestEntry
}

const leadsTo = ({ place, entry }: Followed): string => joinPath(place.path, entry.name)
const fetchLink = ({ place, entry }: Followed): void => void startDownload(place, [entry])

interface BrowserProps {
  domain: DomainSummary
  shown: boolean
  noRead: string | null
  noWrite: string | null
  notice: ReactNode
}

/** One folder of the guest, with what can be done there. */
export const FileBrowser = ({ domain, shown, noRead, noWrite, notice }: BrowserProps) => {
  const client = useClient()
  const folder = useFolder(domain.id, shown)
  useUploadsArriving(domain, folder)
  const uploads = useUploads()
  const view = useView(folder)
  const [asking, setAsking] = useState(false)
  const [menu, setMenu] = useState<MenuAt | null>(null)
  const place: Place = { client, domain, path: folder.path }
  const remove = (): void => void deleteEntries(place, view.chosen).then(tried => (tried ? folder.reload() : undefined))
  const fetch = (entries = view.chosen): void => void startDownload(place, entries)
  const [followed, setFollowed] = useState<Followed | null>(null)
  const open = (entry: GuestEntry): void => {
    if (entry.type === 'link') setFollowed({ place, entry })
    if (entry.type === 'directory' || entry.type === 'link') folder.go(joinPath(folder.path, entry.name))
    else if (noRead === null && entry.type === 'file') fetch([entry])
  }
  return (
    <DropZone path={folder.path} reason={noWrite} onDrop={data => void uploads.offer(place, () => readDrop(data))}>
      <div className={s.bar}>
        <PathBar machine={domain.name} folder={folder} />
        <FilesToolbar
          {...{
            path: folder.path,
            chosen: view.chosen,
            hidden: view.hidden,
            onHidden: view.setHidden,
            noRead,
            noWrite,
          }}
          onUpload={read => void uploads.offer(place, read)}
          onDownload={() => fetch()}
          onDelete={remove}
          onNewFolder={() => setAsking(true)}
        />
      </div>
      {notice}
      <FolderListing
        folder={folder}
        view={view}
        onOpen={open}
        onDelete={remove}
        onMenu={setMenu}
        onFetch={noRead === null && followed && leadsTo(followed) === folder.path ? () => fetchLink(followed) : null}
      />
      {menu ? (
        <EntryMenu
          {...{ menu, noRead }}
          chosen={view.chosen}
          onOpen={open}
          onDownload={() => fetch()}
          onDelete={remove}
          onClose={() => setMenu(null)}
        />
      ) : null}
      {asking ? (
        <NewFolderDialog
          path={folder.path}
          taken={new Set(folder.entries?.map(({ name }) => name))}
          onCreate={name => void createFolder(place, name).then(folder.reload)}
          onClose={() => setAsking(false)}
        />
      ) : null}
      {uploads.pending ? (
        <ConflictDialog
          path={uploads.pending.place.path}
          names={uploads.pending.names}
          onAnswer={uploads.answer}
          onClose={uploads.forget}
        />
      ) : null}
    </DropZone>
  )
}

/** Many small files arrive together: read the folder once for them, so many milliseconds after the first. */
const ARRIVING_MS = 300

/** What arrived in the folder that is looked at shows there. */
const useUploadsArriving = ({ id }: DomainSummary, { path, reload }: Folder): void => {
  useEffect(() => {
    let later: ReturnType<typeof setTimeout> | undefined
    const forget = transfers.onEnded(({ machine, direction, folder, state }) => {
      if (machine !== id || direction !== 'upload' || folder !== path || state !== 'done') return
      later ??= setTimeout(() => {
        later = undefined
        reload()
      }, ARRIVING_MS)
    })
    return () => {
      forget()
      clearTimeout(later)
    }
  }, [id, path, reload])
}

interface EntryMenuProps {
  menu: MenuAt
  chosen: readonly GuestEntry[]
  noRead: string | null
  onOpen: (entry: GuestEntry) => void
  onDownload: () => void
  onDelete: () => void
  onClose: () => void
}

const EntryMenu = ({ menu, chosen, noRead, onOpen, onDownload, onDelete, onClose }: EntryMenuProps) => {
  const t = useText()
  const [first] = chosen
  if (!first) return null
  const opens = chosen.length === 1 && (first.type === 'directory' || first.type === 'link')
  return (
    <ContextMenu
      label={t('actionsOf', { name: visibleName(first.name) })}
      at={menu}
      byKeyboard={menu.byKeyboard}
      onClose={onClose}
      entries={[
        ...(opens ? [{ id: 'open', label: t('open'), icon: 'folder' as const, onAction: () => onOpen(first) }] : []),
        {
          ...{ id: 'download', label: t('download'), icon: 'download' as const, onAction: onDownload },
          reason: noRead ?? downloadReason(chosen),
        },
        'separator',
        { id: 'delete', label: t('delete'), icon: 'trash' as const, danger: true, onAction: onDelete },
      ]}
    />
  )
}

interface DropZoneProps {
  path: string
  /** Why nothing can be dropped. */
  reason: string | null
  onDrop: (data: DataTransfer) => void
  children: ReactNode
}

const DropZone = ({ path, reason, onDrop, children }: DropZoneProps) => {
  const t = useText()
  // Every element below tells of its own: what is entered more often than left is under the pointer.
  const depth = useRef(0)
  const [over, setOver] = useState(false)
  const move = (event: DragEvent, by: number): void => {
    if (!hasFiles(event.dataTransfer)) return
    event.preventDefault()
    depth.current = Math.max(0, depth.current + by)
    event.dataTransfer.dropEffect = reason === null ? 'copy' : 'none'
    setOver(depth.current > 0 && reason === null)
  }
  const drop = (event: DragEvent): void => {
    move(event, -depth.current)
    if (reason === null && hasFiles(event.dataTransfer)) onDrop(event.dataTransfer)
  }
  return (
    <div
      className={cx(s.browser)}
      data-drop-zone
      onDragEnter={event => move(event, 1)}
      onDragLeave={event => move(event, -1)}
      onDragOver={event => move(event, 0)}
      onDrop={drop}
    >
      {children}
      {over ? <p className={s.dropHint}>{t('drop', { path: visiblePath(path) })}</p> : null}
    </div>
  )
}
