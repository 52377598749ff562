import type { AppError, DomainSummary } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, Button, Dialog, TextField } from '../../ui/index.ts'
import { EMPTY_DRAFT, type ForwardDraft, portIn, portsOf, staysHere } from './forward-draft.ts'
import s from './port-forwards.module.css'
import { useText } from './text.ts'

/** Lets a port lead into a machine; what is wrong with it is told before anything is kept. */
export const AddDialog = ({ domain, onClose }: { domain: DomainSummary; onClose: () => void }) => {
  const t = useText()
  const client = useClient()
  const [draft, setDraft] = useState(EMPTY_DRAFT)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  const ports = portsOf(draft)
  const change = (part: Partial<ForwardDraft>): void => {
    setDraft(before => ({ ...before, ...part }))
    setError(null)
  }
  const wrong = (text: string): string | null => (text.trim() === '' || portIn(text) ? null : t('portWrong'))
  const add = async (): Promise<void> => {
    if (ports === null || pending) return
    setPending(true)
    try {
      await client.forward.add({ id: domain.id, ...ports, address: draft.address.trim() || EMPTY_DRAFT.address })
      onClose()
    } catch (thrown) {
      setError(appErrorOf(thrown))
      setPending(false)
    }
  }
  return (
    <Dialog title={t('addTitle', { name: domain.name })} onClose={onClose}>
      <form
        className={s.form}
        onSubmit={event => {
          event.preventDefault()
          void add()
        }}
      >
        <p>{t('addBody')}</p>
        <TextField
          label={t('guestPort')}
          value={draft.guestPort}
          onChange={guestPort => change({ guestPort })}
          error={wrong(draft.guestPort)}
          autoFocus
          mono
        />
        <TextField
          label={t('port')}
          value={draft.port}
          onChange={port => change({ port })}
          description={t('portHint')}
          error={wrong(draft.port)}
          mono
        />
        <TextField
          label={t('address')}
          value={draft.address}
          onChange={address => change({ address })}
          description={t('addressHint')}
          mono
        />
        {staysHere(draft.address) ? null : (
          <Banner tone="pause" title={t('exposed')}>
            {t('exposedHint', { address: draft.address.trim() })}
          </Banner>
        )}
        {error ? (
          <Banner tone="fail" title={t('addFailed')}>
            <bdi>{[error.message, error.hint].filter(Boolean).join(' ')}</bdi>
          </Banner>
        ) : null}
        <div className={s.buttons}>
          <Button look="line" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" look="solid" pending={pending} reason={ports ? null : t('fillIn')}>
            {t('addNow')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
