import type { ReactNode } from 'react'
import { FieldError } from 'react-aria-components/FieldError'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextField as AriaTextField } from 'react-aria-components/TextField'
import { cx } from './cx.ts'
import s from './field.module.css'

/** What every field for text has, of one line or of several. */
export interface FieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  description?: ReactNode
  /** What is wrong with the text; null when nothing is. */
  error?: string | null
  placeholder?: string
  mono?: boolean
}

interface FieldFrameProps extends Omit<FieldProps, 'placeholder' | 'mono'> {
  type?: 'text' | 'password'
  autoFocus?: boolean
  /** Hides the label from sight, not from screen readers. */
  labelHidden?: boolean
  /** What one types into. */
  children: ReactNode
}

/** A field between its label and what is said about it. */
export const FieldFrame = ({ label, labelHidden, description, error, children, ...field }: FieldFrameProps) => (
  <AriaTextField className={cx(s.field)} isInvalid={Boolean(error)} validationBehavior="aria" {...field}>
    <Label className={cx(labelHidden ? 'visually-hidden' : s.label)}>{label}</Label>
    {children}
    {description ? (
      <Text slot="description" className={cx(s.description)}>
        {description}
      </Text>
    ) : null}
    <FieldError className={cx(s.error)}>{error}</FieldError>
  </AriaTextField>
)
