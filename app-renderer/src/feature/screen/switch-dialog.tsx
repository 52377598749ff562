import type { DomainSummary } from '@vireo/app-main/contract'
import { useMemo, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useStores } from '../../store/hooks.ts'
import { cx, Dialog, DialogButtons, showToast } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { lineDiff } from './line-diff.ts'
import s from './screen.module.css'
import { text, useText } from './text.ts'

export interface SwitchPreview {
  readonly before: string
  readonly after: string
  readonly needsRestart: boolean
}

interface SwitchDialogProps {
  domain: DomainSummary
  preview: SwitchPreview
  onClose: () => void
}

const SIGNS = { same: ' ', removed: '−', added: '+', gap: '⋯' } as const

/** Shows what would change before anything does. */
export const SwitchDialog = ({ domain, preview, onClose }: SwitchDialogProps) => {
  const t = useText()
  const { client } = useStores()
  const [pending, setPending] = useState(false)
  const lines = useMemo(() => lineDiff(preview.before, preview.after), [preview])
  const go = async (): Promise<void> => {
    setPending(true)
    try {
      await client.domain.switchToVnc({ id: domain.id, preview: false })
      showToast({ tone: 'done', title: text('switchDone', { name: domain.name }) })
    } catch (thrown) {
      showFailure(text('switchFailed', { name: domain.name }), appErrorOf(thrown))
    }
    onClose()
  }
  return (
    <Dialog
      title={t('switchTitle', { name: domain.name })}
      size="l"
      onClose={onClose}
      footer={
        <DialogButtons
          action={t('switchToVnc')}
          pending={pending}
          reason={lines.length > 0 ? null : t('nothingChanges')}
          onCancel={onClose}
          onAction={() => void go()}
        />
      }
    >
      <p>{t('switchBody')}</p>
      <pre className={s.diff} dir="ltr" tabIndex={0} aria-label={t('switchBody')}>
        {lines.map((line, at) => (
          <span key={at} className={cx(s[line.kind])}>
            {`${SIGNS[line.kind]} ${line.text}`}
          </span>
        ))}
      </pre>
      <p>{t(preview.needsRestart ? 'switchRestart' : 'switchNow')}</p>
    </Dialog>
  )
}
