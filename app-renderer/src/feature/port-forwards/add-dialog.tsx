import type { AppError, DomainSummary } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, FormDialog, TextField } from '../../ui/index.ts'
import { EMPTY_DRAFT, type ForwardDraft, portIn, portsOf, staysHere } from './forward-draft.ts'
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
    if (ports === null) return
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
    <FormDialog
      title={t('addTitle', { name: domain.name })}
      action={t('addNow')}
      onSubmit={() => void add()}
      onClose={onClose}
      pending={pending}
      reason={ports ? null : t('fillIn')}
      failure={error && { title: t('addFailed'), text: failureText(error) }}
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
    </FormDialog>
  )
}
