import { useState } from 'react'
import { Button, EmptyState, TextField } from '../../ui/index.ts'
import { Cover } from '../console/console-notice.tsx'
import s from './screen.module.css'
import { useText } from './text.ts'

interface PasswordFormProps {
  /** The one before was refused. */
  wrong: boolean
  /** A user name is wanted too. */
  user: boolean
  onGiven: (credentials: { username?: string; password: string }) => void
}

export const PasswordForm = ({ wrong, user, onGiven }: PasswordFormProps) => {
  const t = useText()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  return (
    <Cover>
      <EmptyState icon="lock" title={t('passwordTitle')}>
        <form
          className={s.form}
          onSubmit={event => {
            event.preventDefault()
            onGiven(user ? { username: name, password } : { password })
          }}
        >
          {user ? <TextField label={t('user')} value={name} onChange={setName} autoFocus /> : null}
          <TextField
            label={t('password')}
            value={password}
            onChange={setPassword}
            error={wrong ? t('passwordWrong') : null}
            autoFocus={!user}
            secret
          />
          <Button type="submit" look="solid">
            {t('open')}
          </Button>
        </form>
      </EmptyState>
    </Cover>
  )
}
