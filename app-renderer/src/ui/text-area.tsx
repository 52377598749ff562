import { TextArea as AriaTextArea } from 'react-aria-components/TextArea'
import { cx } from './cx.ts'
import { FieldFrame, type FieldProps } from './field-frame.tsx'
import s from './field.module.css'

interface TextAreaProps extends FieldProps {
  rows?: number
}

/** Text of several lines. */
export const TextArea = ({ placeholder, rows = 3, mono, ...field }: TextAreaProps) => (
  <FieldFrame {...field}>
    <AriaTextArea
      className={cx(s.input, s.area, mono && s.mono)}
      rows={rows}
      spellCheck={mono ? 'false' : 'true'}
      autoComplete="off"
      {...(mono ? { dir: 'ltr' } : {})}
      {...(placeholder ? { placeholder } : {})}
    />
  </FieldFrame>
)
