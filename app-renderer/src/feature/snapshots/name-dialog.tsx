import type { AppError } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { Banner, Button, Dialog, TextField } from '../../ui/index.ts'
import s from './snapshots.module.css'
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
    if (given === '' || wrong !== null || pending) return
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
    <Dialog title={title} onClose={onClose}>
      <form
        className={s.form}
        onSubmit={event => {
          event.preventDefault()
          void go()
        }}
      >
        <p>{body}</p>
        <TextField label={label} value={name} onChange={change} error={wrong} autoFocus mono />
        {error ? (
          <Banner tone="fail" title={t('notDone')}>
            <bdi>
              {[error.message, ...('issues' in error ? (error.issues ?? []) : []), error.hint]
                .filter(Boolean)
                .join(' ')}
            </bdi>
          </Banner>
        ) : null}
        <div className={s.buttons}>
          <Button look="line" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" look="solid" pending={pending} reason={given === '' ? t('fillIn') : wrong}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
