import type { DomainSummary } from '@vireo/app-main/contract'
import { useRef, useState } from 'react'
import { useStores } from '../../store/hooks.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { Button, cx } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { isAlive } from '../console/alive.ts'
import { ConsoleNotice, EntryButton } from '../console/console-notice.tsx'
import c from '../console/console.module.css'
import s from './screen.module.css'
import { SwitchDialog, type SwitchPreview } from './switch-dialog.tsx'
import { text, useText } from './text.ts'
import { useLivePicture } from './use-live-picture.ts'

/** A machine whose only screen is SPICE: a live picture, and the ways to a screen that can be used. */
export const SpiceScreen = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const stage = useRef<HTMLDivElement>(null)
  const alive = isAlive(domain.state)
  const { url, error } = useLivePicture(domain.id, alive && shown, stage)
  return (
    <div className={c.console}>
      <div className={s.spice}>
        <p>{t('spiceShort')}</p>
        <EntryButton name="openViewer" domain={domain} look="line" />
        <SwitchButton domain={domain} />
      </div>
      <div className={c.stage} ref={stage}>
        <div className={cx(s.picture, s.scroller)}>
          {url ? (
            <img src={url} alt={t('screen', { name: domain.name })} />
          ) : (
            <p dir="auto">{error?.message ?? t('noPicture')}</p>
          )}
        </div>
        {alive ? null : <ConsoleNotice domain={domain} state={{ kind: 'off' }} onRetry={() => {}} />}
      </div>
    </div>
  )
}

const SwitchButton = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const { client } = useStores()
  const [preview, setPreview] = useState<SwitchPreview | null>(null)
  const ask = async (): Promise<void> => {
    try {
      setPreview(await client.domain.switchToVnc({ id: domain.id, preview: true }))
    } catch (thrown) {
      showFailure(text('switchFailed', { name: domain.name }), appErrorOf(thrown))
    }
  }
  return (
    <>
      <Button look="solid" icon="screen" onPress={() => void ask()}>
        {t('switchToVnc')}
      </Button>
      {preview ? <SwitchDialog domain={domain} preview={preview} onClose={() => setPreview(null)} /> : null}
    </>
  )
}
