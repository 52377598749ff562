import type { AppError, DomainSummary, SshAccess } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Button, TextField } from '../../ui/index.ts'
import s from './terminal.module.css'
import { useText } from './text.ts'

interface AccessFormProps {
  domain: DomainSummary
  access: SshAccess
  onSaved: (access: SshAccess) => void
  /** Something in it was changed. */
  onTyped?: () => void
  /** Absent: there is nothing to go back to. */
  onCancel?: () => void
  cancelLabel?: string
}

const USUAL_PORT = 22

const portOf = (typed: string): number | null => {
  const port = /^\d{1,5}$/.test(typed.trim()) ? Number(typed) : typed.trim() === '' ? USUAL_PORT : 0
  return port >= 1 && port <= 65_535 ? port : null
}

/** Which of the fields a refusal is about. */
const issueOf = (error: AppError | null, field: string): string | null => {
  if (error?.kind !== 'invalid-input') return null
  return error.issues?.find(issue => issue.includes(field))?.replace(/^[^:]*: */, '') ?? null
}

const useAccessDraft = ({ domain, access, onSaved }: AccessFormProps) => {
  const client = useClient()
  const [host, setHost] = useState(access.host ?? '')
  const [user, setUser] = useState(access.user ?? '')
  const [port, setPort] = useState(access.port === USUAL_PORT ? '' : String(access.port))
  const [keyFile, setKeyFile] = useState(access.keyFile ?? '')
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  const number = portOf(port)
  const save = async (): Promise<void> => {
    if (number === null || pending) return
    setPending(true)
    setError(null)
    try {
      const words = { host: host.trim(), user: user.trim(), keyFile: keyFile.trim() }
      onSaved(await client.ssh.setAccess({ id: domain.id, port: number, ...words }))
    } catch (thrown) {
      setError(appErrorOf(thrown))
      setPending(false)
    }
  }
  const issues = { host: issueOf(error, 'host'), user: issueOf(error, 'user'), keyFile: issueOf(error, 'keyFile') }
  const known = issues.host ?? issues.user ?? issues.keyFile
  return {
    ...{ host, setHost, user, setUser, port, setPort, keyFile, setKeyFile, pending, save },
    portWrong: number === null,
    issues: { ...issues, keyFile: issues.keyFile ?? (error && known === null ? error.message : null) },
  }
}

/** Where and as whom a machine is reached. */
export const AccessForm = (props: AccessFormProps) => {
  const { access, onCancel, onTyped, cancelLabel } = props
  const t = useText()
  const { host, setHost, user, setUser, port, setPort, keyFile, setKeyFile, ...draft } = useAccessDraft(props)
  const { issues, pending } = draft
  const portError = draft.portWrong ? t('portWrong') : null
  return (
    <form
      className={s.form}
      onInput={onTyped}
      onSubmit={event => {
        event.preventDefault()
        void draft.save()
      }}
    >
      <div className={s.place}>
        <TextField
          label={t('host')}
          value={host}
          onChange={setHost}
          placeholder={access.address ?? ''}
          description={hostHint(t, access)}
          error={issues.host}
          mono
          autoFocus
        />
        <TextField
          label={t('port')}
          value={port}
          onChange={setPort}
          placeholder={String(USUAL_PORT)}
          error={portError}
          mono
        />
      </div>
      <TextField
        label={t('user')}
        value={user}
        onChange={setUser}
        placeholder={access.ownUser}
        description={t('userHint', { user: access.ownUser })}
        error={issues.user}
        mono
      />
      <TextField
        label={t('key')}
        value={keyFile}
        onChange={setKeyFile}
        description={t('keyHint')}
        error={issues.keyFile}
        mono
      />
      <p className={s.lead}>{t('accessLead')}</p>
      <div className={s.buttons}>
        {onCancel ? (
          <Button look="line" onPress={onCancel}>
            {cancelLabel ?? t('cancel')}
          </Button>
        ) : null}
        <Button type="submit" look="solid" pending={pending} reason={portError}>
          {t('save')}
        </Button>
      </div>
    </form>
  )
}

const hostHint = (t: ReturnType<typeof useText>, { address, claimed }: SshAccess): string => {
  if (address !== null) return t('hostKnown', { address })
  return claimed === null ? t('hostUnknown') : t('hostClaimed', { address: claimed })
}
