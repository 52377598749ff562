import type { ReactNode, Ref } from 'react'
import { FieldError } from 'react-aria-components/FieldError'
import { Input } from 'react-aria-components/Input'
import { Label } from 'react-aria-components/Label'
import { Button as AriaButton } from 'react-aria-components/Button'
import { SearchField as AriaSearchField } from 'react-aria-components/SearchField'
import { Text } from 'react-aria-components/Text'
import { TextField as AriaTextField } from 'react-aria-components/TextField'
import { cx } from './cx.ts'
import s from './field.module.css'
import { Icon } from './icon.tsx'
import { useText } from './text.ts'

interface TextFieldProps {
  label: string
  value: string
  onChange: (value: string) => void
  description?: ReactNode
  /** What is wrong with the value; null when nothing is. */
  error?: string | null
  placeholder?: string
  mono?: boolean
  autoFocus?: boolean
  /** A password: shown as dots. */
  secret?: boolean
  /** Hides the label from sight, not from screen readers. */
  labelHidden?: boolean
}

export const TextField = ({
  label,
  value,
  onChange,
  description,
  error,
  placeholder,
  mono,
  autoFocus,
  secret,
  labelHidden,
}: TextFieldProps) => (
  <AriaTextField
    className={cx(s.field)}
    value={value}
    onChange={onChange}
    isInvalid={Boolean(error)}
    validationBehavior="aria"
    type={secret ? 'password' : 'text'}
    {...(autoFocus ? { autoFocus } : {})}
  >
    <Label className={cx(labelHidden ? 'visually-hidden' : s.label)}>{label}</Label>
    <Input
      className={cx(s.input, mono && s.mono)}
      spellCheck="false"
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
