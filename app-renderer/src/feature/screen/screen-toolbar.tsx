import type { DomainSummary } from '@vireo/app-main/contract'
import { type Ref, useState } from 'react'
import { useSettings, useStores } from '../../store/hooks.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { IconButton, MenuButton, showToast } from '../../ui/index.ts'
import { ConsoleToolbar } from '../console/console-toolbar.tsx'
import { fileName, saveFile, timeStamp } from '../console/save-file.ts'
import { showFailure } from '../action/run-action.ts'
import { ClipboardDialog } from './clipboard-dialog.tsx'
import { type Combo, COMBOS, sendCombo, TERMINALS } from './key-combo.ts'
import { text, useText } from './text.ts'
import type { FullScreen } from './use-full-screen.ts'
import type { Screen } from './use-screen-session.ts'

interface ScreenToolbarProps {
  ref: Ref<HTMLDivElement>
  domain: DomainSummary
  screen: Screen
  viewOnly: boolean
  onViewOnly: (on: boolean) => void
  full: FullScreen
}

export const ScreenToolbar = ({ ref, domain, screen, viewOnly, onViewOnly, full }: ScreenToolbarProps) => {
  const t = useText()
  const view = screen.session?.view ?? null
  const [clipboard, setClipboard] = useState(false)
  return (
    <ConsoleToolbar ref={ref} label={t('toolbar')}>
      <ScaleButton />
      {view ? (
        <>
          <KeysMenu screen={screen} disabled={viewOnly} />
          <IconButton small icon="paste" label={t('clipboard')} onPress={() => setClipboard(true)} />
          <IconButton small icon="eye" label={t('viewOnly')} pressed={viewOnly} onPress={() => onViewOnly(!viewOnly)} />
          <IconButton small icon="camera" label={t('picture')} onPress={() => void savePicture(domain, screen)} />
        </>
      ) : null}
      <IconButton
        small
        icon={full.on ? 'narrow' : 'wide'}
        label={t(full.on ? 'leaveFullScreen' : 'fullScreen')}
        onPress={() => void full.toggle().catch(() => showToast({ tone: 'fail', title: text('fullScreenRefused') }))}
      />
      <OptionsMenu />
      {clipboard && view ? (
        <ClipboardDialog
          name={domain.name}
          clip={screen.clip}
          onSend={given => view.rfb.clipboardPasteFrom(given)}
          onClose={() => setClipboard(false)}
        />
      ) : null}
    </ConsoleToolbar>
  )
}

const savePicture = async (domain: DomainSummary, screen: Screen): Promise<void> => {
  const picture = await screen.session?.view?.picture()
  if (picture) saveFile(fileName(`${domain.name} ${timeStamp(new Date())}`, 'png'), picture)
  else showToast({ tone: 'fail', title: text('pictureFailed') })
}

const ScaleButton = () => {
  const t = useText()
  const { settings } = useStores()
  const { screenScale } = useSettings()
  const next = screenScale === 'fit' ? 'actual' : 'fit'
  return (
    <IconButton
      small
      icon={next === 'actual' ? 'actual' : 'screen'}
      label={t(next)}
      onPress={() => {
        settings.change({ screenScale: next }).catch(thrown => showFailure(t(next), appErrorOf(thrown)))
      }}
    />
  )
}

const KeysMenu = ({ screen, disabled }: { screen: Screen; disabled: boolean }) => {
  const t = useText()
  const send = (combo: Combo) => ({
    id: combo.label,
    label: combo.label,
    reason: disabled ? t('lookingOnly') : null,
    onAction: () => {
      const rfb = screen.session?.view?.rfb
      if (!rfb) return
      sendCombo(combo, (keysym, code, down) => rfb.sendKey(keysym, code, down))
      // The menu gives focus back to its button in the next frame.
      requestAnimationFrame(() => requestAnimationFrame(() => rfb.focus()))
    },
  })
  return (
    <MenuButton
      small
      icon="keyboard"
      label={t('keys')}
      entries={[...COMBOS.map(send), 'separator', ...TERMINALS.map(send)]}
    />
  )
}

const OptionsMenu = () => {
  const t = useText()
  const { settings } = useStores()
  const { screenResizeGuest, screenScale } = useSettings()
  const change = (): void => {
    settings
      .change({ screenResizeGuest: !screenResizeGuest })
      .catch(thrown => showFailure(t('resizeGuest'), appErrorOf(thrown)))
  }
  return (
    <MenuButton
      small
      label={t('options')}
      entries={[
        {
          id: 'resize',
          label: t('resizeGuest'),
          checked: screenResizeGuest,
          reason: screenScale === 'actual' ? t('fit') : null,
          onAction: change,
        },
      ]}
    />
  )
}
