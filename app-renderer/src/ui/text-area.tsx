import type { ReactNode } from 'react'
import { FieldError } from 'react-aria-components/FieldError'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextArea as AriaTextArea } from 'react-aria-components/TextArea'
import { TextField as AriaTextField } from 'react-aria-components/TextField'
import { cx } from './cx.ts'
import s from './field.module.css'

interface TextAreaProps {
  label: string
  value: string
  onChange: (value: string) => void
  description?: ReactNode
  /** What is wrong with the text; null when nothing is. */
  error?: string | null
  placeholder?: string
  rows?: number
  mono?: boolean
}

/** Text of several lines. */
export const TextArea = ({ label, description, error, placeholder, rows = 3, mono, ...field }: TextAreaProps) => (
  <AriaTextField className={cx(s.field)} isInvalid={Boolean(error)} validationBehavior="aria" {...field}>
    <Label className={cx(s.label)}>{label}</Label>
    <AriaTextArea
      className={cx(s.input, s.area, mono && s.mono)}
      rows={rows}
      spellCheck={mono ? 'false' : 'true'}
      autoComplete="off"
      {...(mono ? { dir: 'ltr' } : {})}
      {...(placeholder ? { placeholder } : {})}
    />
    {description ? (
      <Text slot="description" className={cx(s.description)}>
        {description}
      </Text>
    ) : null}
    <FieldError className={cx(s.error)}>{error}</FieldError>
  </AriaTextField>
)
