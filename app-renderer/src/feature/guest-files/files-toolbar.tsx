import type { GuestEntry } from '@vireo/app-main/contract'
import { useRef } from 'react'
import { Button, copyToClipboard, IconButton, MenuButton, type MenuEntry } from '../../ui/index.ts'
import { downloadReason } from './file-actions.ts'
import s from './guest-files.module.css'
import { readInput } from './read-drop.ts'
import { useText } from './text.ts'
import type { Choice } from './upload-plan.ts'

interface ToolbarProps {
  path: string
  chosen: readonly GuestEntry[]
  hidden: boolean
  onHidden: (hidden: boolean) => void
  onUpload: (read: () => Choice) => void
  onDownload: () => void
  onDelete: () => void
  onNewFolder: () => void
  /** Why the guest's agent cannot take or give files; null when it can. */
  noWrite: string | null
  noRead: string | null
}

export const FilesToolbar = (props: ToolbarProps) => {
  const t = useText()
  const { chosen, hidden, noRead } = props
  const more: MenuEntry[] = [
    { id: 'new', label: t('newFolder'), icon: 'folder', onAction: props.onNewFolder },
    { id: 'hidden', label: t('hidden'), checked: hidden, onAction: () => props.onHidden(!hidden) },
    { id: 'copy', label: t('copyPath'), icon: 'copy', onAction: () => void copyToClipboard(props.path) },
  ]
  return (
    <div className={s.tools} role="toolbar" aria-label={t('tools')}>
      <UploadButtons onUpload={props.onUpload} reason={props.noWrite} />
      <Button small look="line" icon="download" reason={noRead ?? downloadReason(chosen)} onPress={props.onDownload}>
        {t('download')}
      </Button>
      <IconButton
        small
        icon="trash"
        label={t('delete')}
        reason={chosen.length === 0 ? t('nothingChosen') : null}
        onPress={props.onDelete}
      />
      <MenuButton small label={t('more')} entries={more} />
    </div>
  )
}

const UploadButtons = ({ onUpload, reason }: { onUpload: ToolbarProps['onUpload']; reason: string | null }) => {
  const t = useText()
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const input = (ref: typeof files, isFolder: boolean, label: string) => (
    <input
      ref={ref}
      type="file"
      multiple
      hidden
      aria-label={label}
      {...(isFolder ? { webkitdirectory: '' } : {})}
      onChange={({ target }) => {
        const list = target.files
        // Before the list is emptied, so that the same file can be chosen again.
        if (list && list.length > 0) {
          const choice = (): Choice => readInput(list)
          onUpload(choice)
        }
        setTimeout(() => (target.value = ''), 0)
      }}
    />
  )
  return (
    <>
      {input(files, false, t('uploadFiles'))}
      {input(folder, true, t('uploadFolder'))}
      <Button small look="line" icon="upload" reason={reason} onPress={() => files.current?.click()}>
        {t('upload')}
      </Button>
      <MenuButton
        small
        icon="down"
        label={t('uploadWhat')}
        entries={[
          { id: 'files', label: t('uploadFiles'), icon: 'file', reason, onAction: () => files.current?.click() },
          { id: 'folder', label: t('uploadFolder'), icon: 'folder', reason, onAction: () => folder.current?.click() },
        ]}
      />
    </>
  )
}
