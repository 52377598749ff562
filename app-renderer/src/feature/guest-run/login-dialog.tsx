import type { DomainSummary } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Button, Dialog, TextField } from '../../ui/index.ts'
import s from './guest-run.module.css'
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
    if (user.trim() === '' || pending) return
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
    <Dialog title={t('loginTitle', { name: domain.name })} onClose={onClose}>
      <form
        className={s.form}
        onSubmit={event => {
          event.preventDefault()
          void submit()
        }}
      >
        <TextField label={t('loginUser')} value={user} onChange={setUser} error={error} autoFocus />
        <TextField
          label={t('loginPassword')}
          value={password}
          onChange={setPassword}
          description={t('loginBody')}
          secret
        />
        <div className={s.buttons}>
          <Button look="line" onPress={onClose}>
            {t('loginCancel')}
          </Button>
          <Button type="submit" look="solid" pending={pending}>
            {t('loginRun')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
