import type { DomainSummary } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { FormDialog, TextField } from '../../ui/index.ts'
import { useText } from './text.ts'

interface LoginDialogProps {
  domain: DomainSummary
  onClose: () => void
  /** Vireo knows the login; whether it is right, the guest tells. */
  onDone: () => void
}

/** Asks how to log in on a machine's serial line. */
export const LoginDialog = ({ domain, onClose, onDone }: LoginDialogProps) => {
  const t = useText()
  const client = useClient()
  const [user, setUser] = useState('root')
  const [password, setPassword] = useState('')
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const submit = async (): Promise<void> => {
    if (user.trim() === '') return
    setPending(true)
    try {
      await client.guest.setLogin({ id: domain.id, user: user.trim(), password: password === '' ? null : password })
      onDone()
    } catch (thrown) {
      setError(appErrorOf(thrown).message)
      setPending(false)
    }
  }
  return (
    <FormDialog
      title={t('loginTitle', { name: domain.name })}
      action={t('loginRun')}
      onSubmit={() => void submit()}
      onClose={onClose}
      pending={pending}
    >
      <TextField label={t('loginUser')} value={user} onChange={setUser} error={error} autoFocus />
      <TextField
        label={t('loginPassword')}
        value={password}
        onChange={setPassword}
        description={t('loginBody')}
        secret
      />
    </FormDialog>
  )
}
