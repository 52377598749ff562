import { type ReactNode, useId } from 'react'
import { cx } from './cx.ts'
import { DialogButtons } from './dialog-buttons.tsx'
import { Dialog } from './dialog.tsx'
import s from './form-dialog.module.css'
import type { IconName } from './icon.tsx'
import { Banner } from './notice.tsx'

interface FormDialogProps {
  title: string
  /** The imperative on the button that submits. */
  action: string
  icon?: IconName
  size?: 's' | 'm'
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
export const FormDialog = ({ title, size = 's', onSubmit, onClose, failure, children, ...main }: FormDialogProps) => {
  const form = useId()
  return (
    <Dialog
      title={title}
      size={size}
      onClose={onClose}
      footer={<DialogButtons form={form} onCancel={onClose} {...main} />}
    >
      <form
        id={form}
        className={cx(s.form)}
        onSubmit={event => {
          event.preventDefault()
          if (!main.pending && !main.reason) onSubmit()
        }}
      >
        {children}
        {failure ? (
          <Banner tone="fail" title={failure.title}>
            <bdi>{failure.text}</bdi>
          </Banner>
        ) : null}
      </form>
    </Dialog>
  )
}
