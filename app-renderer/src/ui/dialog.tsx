import type { ReactNode } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { IconButton } from './button.tsx'
import { cx } from './cx.ts'
import s from './dialog.module.css'
import { useText } from './text.ts'

interface DialogProps {
  title: string
  onClose: () => void
  children: ReactNode
  /** Buttons; the main one last. */
  footer?: ReactNode
  size?: 's' | 'm' | 'l' | 'xl'
  /** `alertdialog` for questions about destruction. */
  role?: 'dialog' | 'alertdialog'
}

/** A modal dialog; mount it to open it. Escape and a click outside close it. */
export const Dialog = ({ title, onClose, children, footer, size = 's', role = 'dialog' }: DialogProps) => {
  const t = useText()
  return (
    <ModalOverlay
      className={cx(s.veil)}
      isOpen
      isDismissable={role === 'dialog'}
      onOpenChange={open => (open ? undefined : onClose())}
    >
      <Modal className={cx(s.modal, s[size])}>
        <AriaDialog role={role} className={cx(s.dialog)}>
          <header className={cx(s.head)}>
            <Heading slot="title" className={cx(s.title)}>
              {title}
            </Heading>
            {role === 'dialog' ? <IconButton icon="cross" label={t('close')} onPress={onClose} small /> : null}
          </header>
          <div className={cx(s.body)}>{children}</div>
          {footer ? <footer className={cx(s.foot)}>{footer}</footer> : null}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
