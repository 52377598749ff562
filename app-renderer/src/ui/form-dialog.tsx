import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { cx } from './cx.ts'
import { Dialog } from './dialog.tsx'
import s from './form-dialog.module.css'
import { Banner } from './notice.tsx'
import { useText } from './text.ts'

interface FormDialogProps {
  title: string
  /** The imperative on the button that submits. */
  action: string
  onSubmit: () => void
  onClose: () => void
  /** It is being done. */
  pending?: boolean
  /** Why it cannot be submitted yet; nothing is submitted meanwhile. */
  reason?: string | null
  /** What became of the last try. */
  failure?: { title: string; text: string } | null
  children: ReactNode
}

/** A dialog with a few fields: Enter submits, Escape leaves. */
export const FormDialog = ({
  title,
  action,
  onSubmit,
  onClose,
  pending,
  reason,
  failure,
  children,
}: FormDialogProps) => {
  const t = useText()
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className={cx(s.form)}
        onSubmit={event => {
          event.preventDefault()
          if (!pending && !reason) onSubmit()
        }}
      >
        {children}
        {failure ? (
          <Banner tone="fail" title={failure.title}>
            <bdi>{failure.text}</bdi>
          </Banner>
        ) : null}
        <div className={cx(s.buttons)}>
          <Button look="line" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button type="submit" look="solid" pending={pending ?? false} reason={reason ?? null}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
