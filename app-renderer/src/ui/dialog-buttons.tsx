import { Button } from './button.tsx'
import type { IconName } from './icon.tsx'
import { useText } from './text.ts'

interface DialogButtonsProps {
  /** The imperative on the button that does it. */
  action: string
  onCancel: () => void
  /** Nothing where the button submits a form. */
  onAction?: () => void
  /** The id of the form to submit. */
  form?: string
  icon?: IconName
  /** It destroys something. */
  danger?: boolean
  /** It is being done. */
  pending?: boolean
  /** Why it cannot be done now. */
  reason?: string | null
  /** The keyboard begins at the way out. */
  careful?: boolean
}

/** What a question ends with: leave it, or do it. */
export const DialogButtons = ({ action, onCancel, onAction, form, danger, careful, ...main }: DialogButtonsProps) => {
  const t = useText()
  return (
    <>
      <Button look="line" onPress={onCancel} autoFocus={careful ?? false}>
        {t('cancel')}
      </Button>
      <Button
        look={danger ? 'danger' : 'solid'}
        onPress={onAction}
        {...(form === undefined ? {} : { type: 'submit', form })}
        {...main}
      >
        {action}
      </Button>
    </>
  )
}
