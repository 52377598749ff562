import type { DomainSummary } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { FormDialog, showToast, TextField } from '../../ui/index.ts'
import { text, useText } from './text.ts'

/** Sets a user's password inside: the way back in for who has forgotten it. */
export const PasswordDialog = ({ domain, onClose }: { domain: DomainSummary; onClose: () => void }) => {
  const t = useText()
  const client = useClient()
  const [user, setUser] = useState('root')
  const [password, setPassword] = useState('')
  const [again, setAgain] = useState('')
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const differs = again !== '' && again !== password
  const ready = user.trim() !== '' && password !== '' && again === password
  const set = async (): Promise<void> => {
    if (!ready) return
    setPending(true)
    try {
      await client.guest.setPassword({ id: domain.id, user: user.trim(), password })
      onClose()
      showToast({ tone: 'done', title: text('passwordSet', { user: user.trim() }) })
    } catch (thrown) {
      setError(failureText(appErrorOf(thrown)))
      setPending(false)
    }
  }
  return (
    <FormDialog
      title={t('passwordTitle', { name: domain.name })}
      action={t('set')}
      onSubmit={() => void set()}
      onClose={onClose}
      pending={pending}
      reason={ready ? null : t('passwordDiffers')}
    >
      <TextField label={t('userName')} value={user} onChange={setUser} error={error} autoFocus />
      <TextField label={t('password')} value={password} onChange={setPassword} secret />
      <TextField
        label={t('passwordAgain')}
        value={again}
        onChange={setAgain}
        error={differs ? t('passwordDiffers') : null}
        secret
      />
    </FormDialog>
  )
}
