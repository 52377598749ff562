import type { Settings } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useSettings, useStores } from '../../store/hooks.ts'
import { cx, Dialog, Select, Switch } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import s from './settings.module.css'
import { text, useText } from './text.ts'

const CHORDS = ['Ctrl+Alt+Shift', 'Ctrl+Alt', 'Ctrl+Shift+F12']
const SIZES = [10, 11, 12, 13, 14, 15, 16, 18, 20, 24]
const THEMES = ['system', 'light', 'dark'] as const
const LOCALES = ['system', 'en', 'en-XB'] as const
const SCALES = ['fit', 'actual'] as const

/** What is chosen stays on offer although the list does not have it. */
const including = <T,>(options: readonly T[], value: T): readonly T[] =>
  options.includes(value) ? options : [...options, value]

const About = () => {
  const { client } = useStores()
  const t = useText()
  const [about, setAbout] = useState<{ version: string; hostname: string; shellReason: string | null } | null>(null)
  useEffect(() => {
    client.app.info({}).then(setAbout, () => setAbout(null))
  }, [client])
  if (!about) return null
  return (
    <p className={cx(s.about, 'selectable')}>
      {t('about', { version: about.version, hostname: about.hostname })}
      {about.shellReason ? ` (${about.shellReason})` : null}
    </p>
  )
}

const Looks = ({ settings, change }: { settings: Settings; change: (part: Partial<Settings>) => void }) => {
  const t = useText()
  const isKnown = (tag: string): tag is (typeof LOCALES)[number] => LOCALES.some(known => known === tag)
  return (
    <>
      <Select
        label={t('theme')}
        value={settings.theme}
        options={THEMES.map(id => ({ id, label: t(`theme.${id}`) }))}
        onChange={theme => change({ theme })}
      />
      <Select
        label={t('locale')}
        value={settings.locale}
        options={including(LOCALES, settings.locale as 'en').map(id => ({
          id: id as string,
          label: isKnown(id) ? t(`locale.${id}`) : id,
        }))}
        onChange={locale => change({ locale })}
      />
    </>
  )
}

const Consoles = ({ settings, change }: { settings: Settings; change: (part: Partial<Settings>) => void }) => {
  const t = useText()
  return (
    <>
      <Select
        label={t('releaseChord')}
        value={settings.releaseChord}
        options={including(CHORDS, settings.releaseChord).map(id => ({ id, label: id.replaceAll('+', ' ') }))}
        onChange={releaseChord => change({ releaseChord })}
      />
      <Select
        label={t('fontSize')}
        value={String(settings.serialFontSize)}
        options={including(SIZES, settings.serialFontSize).map(size => ({ id: String(size), label: `${size} px` }))}
        onChange={size => change({ serialFontSize: Number(size) })}
      />
      <Select
        label={t('scale')}
        value={settings.screenScale}
        options={SCALES.map(id => ({ id, label: t(`scale.${id}`) }))}
        onChange={screenScale => change({ screenScale })}
      />
      <Switch
        label={t('resize')}
        on={settings.screenResizeGuest}
        onChange={screenResizeGuest => change({ screenResizeGuest })}
      />
    </>
  )
}

export const SettingsDialog = () => {
  const stores = useStores()
  const settings = useSettings()
  const t = useText()
  const change = (part: Partial<Settings>): void => {
    stores.settings.change(part).catch((thrown: unknown) => showFailure(text('failed'), appErrorOf(thrown)))
  }
  return (
    <Dialog title={t('title')} onClose={() => stores.ui.state.setState({ dialog: null })}>
      <Looks settings={settings} change={change} />
      <Consoles settings={settings} change={change} />
      <About />
    </Dialog>
  )
}
