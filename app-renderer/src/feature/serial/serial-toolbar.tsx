import type { DomainSummary } from '@vireo/app-main/contract'
import type { ReactNode, Ref } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useSettings, useStores } from '../../store/hooks.ts'
import { IconButton, MenuButton } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { ConsoleToolbar } from '../console/console-toolbar.tsx'
import { fileName, saveFile, timeStamp } from '../console/save-file.ts'
import { copySelection, pasteInto } from './terminal-clipboard.ts'
import type { TerminalView } from './terminal-view.ts'
import { useText } from './text.ts'

/** What the contract allows, in pixels. */
const SIZES = { smallest: 8, largest: 32 }

interface SerialToolbarProps {
  ref: Ref<HTMLDivElement>
  label: string
  domain: DomainSummary
  view: TerminalView | null
  choice: ReactNode
  finding: boolean
  onFind: () => void
}

export const SerialToolbar = ({ ref, label, domain, view, choice, finding, onFind }: SerialToolbarProps) => {
  const t = useText()
  return (
    <ConsoleToolbar ref={ref} label={label} start={choice}>
      {view ? (
        <>
          <IconButton small icon="search" label={`${t('find')} (Ctrl+Shift+F)`} pressed={finding} onPress={onFind} />
          <IconButton
            small
            icon="copy"
            label={`${t('copy')} (Ctrl+Shift+C)`}
            onPress={() => void copySelection(view)}
          />
          <IconButton small icon="paste" label={`${t('paste')} (Ctrl+Shift+V)`} onPress={() => void pasteInto(view)} />
          <IconButton small icon="download" label={t('save')} onPress={() => saveOutput(domain, view)} />
          <OptionsMenu view={view} />
        </>
      ) : null}
    </ConsoleToolbar>
  )
}

const saveOutput = (domain: DomainSummary, view: TerminalView): void =>
  saveFile(
    fileName(`${domain.name} ${timeStamp(new Date())}`, 'txt'),
    new Blob([view.text()], { type: 'text/plain;charset=utf-8' }),
  )

const OptionsMenu = ({ view }: { view: TerminalView }) => {
  const t = useText()
  const { settings } = useStores()
  const { serialFontSize } = useSettings()
  const resize = (step: 1 | -1) => ({
    id: step > 0 ? 'larger' : 'smaller',
    label: t(step > 0 ? 'larger' : 'smaller'),
    icon: step > 0 ? ('plus' as const) : ('text' as const),
    onAction: () => {
      const serialFont = Math.min(SIZES.largest, Math.max(SIZES.smallest, serialFontSize + step))
      settings
        .change({ serialFontSize: serialFont })
        .catch(thrown => showFailure(t(step > 0 ? 'larger' : 'smaller'), appErrorOf(thrown)))
    },
  })
  return (
    <MenuButton
      small
      label={t('options')}
      entries={[
        resize(1),
        resize(-1),
        'separator',
        { id: 'reader', label: t('reader'), checked: view.readsAloud, onAction: () => view.toggleReader() },
        { id: 'clear', label: t('clear'), icon: 'trash', onAction: () => view.terminal.clear() },
      ]}
    />
  )
}
