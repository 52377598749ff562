import type { AppError, DomainSummary } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { FormDialog, Switch, TextField } from '../../ui/index.ts'
import { useText } from './text.ts'

interface InsertProps {
  domain: DomainSummary
  /** Null: the machine has none and gets one. */
  drive: string | null
  onClose: () => void
}

/** Asks for a medium; what becomes of it is told as a task. */
export const InsertDialog = ({ domain, drive, onClose }: InsertProps) => {
  const t = useText()
  const client = useClient()
  const [source, setSource] = useState('')
  const [force, setForce] = useState(false)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  const { id, name } = domain
  const words = source.trim()
  const insert = async (): Promise<void> => {
    setPending(true)
    try {
      await client.media.insert({ id, source: words, force, ...(drive === null ? {} : { drive }) })
      onClose()
    } catch (thrown) {
      setError(appErrorOf(thrown))
      setPending(false)
    }
  }
  return (
    <FormDialog
      title={drive === null ? t('insertNew', { name }) : t('insertInto', { name, drive })}
      action={t('insertNow')}
      onSubmit={() => void insert()}
      onClose={onClose}
      pending={pending}
      reason={words === '' ? t('sourceMissing') : null}
      failure={error && { title: t('insertFailed'), text: failureText(error) }}
    >
      <TextField
        label={t('source')}
        value={source}
        onChange={value => {
          setSource(value)
          setError(null)
        }}
        description={t('sourceHint')}
        autoFocus
        mono
      />
      {drive === null ? null : <Switch label={t('force')} on={force} onChange={setForce} />}
    </FormDialog>
  )
}
