import type { Ref } from 'react'
import { Input } from 'react-aria-components/Input'
import { Button as AriaButton } from 'react-aria-components/Button'
import { SearchField as AriaSearchField } from 'react-aria-components/SearchField'
import { cx } from './cx.ts'
import { FieldFrame, type FieldProps } from './field-frame.tsx'
import s from './field.module.css'
import { Icon } from './icon.tsx'
import { useText } from './text.ts'

interface TextFieldProps extends FieldProps {
  autoFocus?: boolean
  /** A password: shown as dots. */
  secret?: boolean
  /** Hides the label from sight, not from screen readers. */
  labelHidden?: boolean
}

export const TextField = ({ placeholder, mono, secret, ...field }: TextFieldProps) => (
  <FieldFrame type={secret ? 'password' : 'text'} {...field}>
    <Input
      className={cx(s.input, mono && s.mono)}
      spellCheck="false"
      autoComplete="off"
      {...(mono ? { dir: 'ltr' } : {})}
      {...(placeholder ? { placeholder } : {})}
    />
  </FieldFrame>
)

interface SearchProps {
  label: string
  value: string
  onChange: (value: string) => void
  placeholder?: string
  inputRef?: Ref<HTMLInputElement>
  onKeyDown?: (event: React.KeyboardEvent<HTMLInputElement>) => void
}

/** Filters as one types; Escape clears it. */
export const Search = ({ label, value, onChange, placeholder, inputRef, onKeyDown }: SearchProps) => {
  const t = useText()
  return (
    <AriaSearchField className={cx(s.search)} aria-label={label} value={value} onChange={onChange}>
      <Icon name="search" />
      <Input
        className={cx(s.bare)}
        spellCheck="false"
        autoComplete="off"
        placeholder={placeholder ?? label}
        {...(inputRef ? { ref: inputRef } : {})}
        {...(onKeyDown ? { onKeyDown } : {})}
      />
      {value ? (
        <AriaButton className={cx(s.clear)} aria-label={t('clear')}>
          <Icon name="cross" size={12} />
        </AriaButton>
      ) : null}
    </AriaSearchField>
  )
}
