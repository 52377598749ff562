import type { AppError } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { FormDialog, TextField } from '../../ui/index.ts'
import { useText } from './text.ts'

interface NameDialogProps {
  title: string
  body: string
  label: string
  action: string
  /** What stands there at first. */
  initial: string
  taken: ReadonlySet<string>
  /** Asks for it; a refusal leaves the dialog as it is. */
  run: (name: string) => Promise<unknown>
  onClose: () => void
}

/** Asks for one name, and begins. */
export const NameDialog = ({ title, body, label, action, initial, taken, run, onClose }: NameDialogProps) => {
  const t = useText()
  const [name, setName] = useState(initial)
  const [pending, setPending] = useState(false)
  const [error, setError] = useState<AppError | null>(null)
  const given = name.trim()
  const wrong = taken.has(given) ? t('taken') : null
  const go = async (): Promise<void> => {
    setPending(true)
    try {
      await run(given)
      onClose()
    } catch (thrown) {
      setError(appErrorOf(thrown))
      setPending(false)
    }
  }
  const change = (next: string): void => {
    setName(next)
    setError(null)
  }
  return (
    <FormDialog
      title={title}
      action={action}
      onSubmit={() => void go()}
      onClose={onClose}
      pending={pending}
      reason={given === '' ? t('fillIn') : wrong}
      failure={
        error && {
          title: t('notDone'),
          text: [...('issues' in error ? (error.issues ?? []) : []), failureText(error)].join(' '),
        }
      }
    >
      <p>{body}</p>
      <TextField label={label} value={name} onChange={change} error={wrong} autoFocus mono />
    </FormDialog>
  )
}
