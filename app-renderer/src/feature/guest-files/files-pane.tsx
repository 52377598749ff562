import type { DomainSummary, GuestFeature, GuestStatus } from '@vireo/app-main/contract'
import { useEffect } from 'react'
import { useStores } from '../../store/hooks.ts'
import { Banner, Button, EmptyState, Spinner } from '../../ui/index.ts'
import { GuestAsleep, GuestLocked, GuestSilent } from '../guest/guest-notice.tsx'
import { useGuestStatus } from '../guest/use-guest-status.ts'
import { FileBrowser } from './file-browser.tsx'
import s from './guest-files.module.css'
import { tellTransfers } from './tell-transfers.ts'
import { useText } from './text.ts'
import { TransferList } from './transfer-list.tsx'

interface FilesPaneProps {
  domain: DomainSummary
  shown: boolean
}

/** Why no agent of a machine can do something; null when one can. */
export const lacking = (status: GuestStatus, feature: GuestFeature): string | null => {
  const answering = status.agents.filter(({ state }) => state === 'answering')
  if (answering.some(({ features }) => features[feature] === undefined)) return null
  const first = answering.find(({ dialect }) => dialect === status.primary) ?? answering[0]
  return first?.features[feature] ?? ''
}

/** The files inside a machine, through its agent. */
export const FilesPane = ({ domain, shown }: FilesPaneProps) => {
  const stores = useStores()
  useEffect(() => tellTransfers(stores), [stores])
  return (
    <div className={s.pane}>
      <Inside domain={domain} shown={shown} />
      <TransferList machine={domain.id} />
    </div>
  )
}

const Inside = ({ domain, shown }: FilesPaneProps) => {
  const t = useText()
  const { ui } = useStores()
  const { status, error, locked, reload } = useGuestStatus(domain, shown && domain.state === 'running')
  const again = (
    <Button look="line" icon="reboot" onPress={reload}>
      {t('again')}
    </Button>
  )
  if (domain.state !== 'running') return <GuestAsleep domain={domain}>{t('offBody')}</GuestAsleep>
  if (locked) return <GuestLocked domain={domain} />
  if (error) return <GuestSilent error={error} onAgain={reload} />
  if (!status)
    return (
      <div className={s.middle}>
        <Spinner size={24} label={t('looking')} />
      </div>
    )
  if (status.primary === null)
    return (
      <EmptyState
        icon="question"
        title={t('noneTitle')}
        actions={
          <>
            {again}
            <Button look="solid" onPress={() => ui.go({ tab: 'guest' })}>
              {t('noneHow')}
            </Button>
          </>
        }
      >
        <p>{t('noneBody')}</p>
      </EmptyState>
    )
  const noBrowse = lacking(status, 'directory')
  if (noBrowse !== null)
    return (
      <EmptyState icon="question" title={t('noBrowse')} actions={again}>
        <p>
          <bdi>{noBrowse}</bdi>
        </p>
      </EmptyState>
    )
  const startsAnew = lacking(status, 'resume-upload')
  return (
    <FileBrowser
      domain={domain}
      shown={shown}
      noRead={lacking(status, 'read-file')}
      noWrite={lacking(status, 'write-file')}
      notice={startsAnew === null ? null : <Banner tone="info" title={t('startsAnew', { reason: startsAnew })} />}
    />
  )
}
