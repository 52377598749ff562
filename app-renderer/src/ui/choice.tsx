import { Button } from 'react-aria-components/Button'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select'
import { Switch as AriaSwitch } from 'react-aria-components/Switch'
import s from './choice.module.css'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'

interface SelectProps<Id extends string> {
  label: string
  options: readonly { id: Id; label: string }[]
  value: Id
  onChange: (value: Id) => void
  /** Hides the label from sight, not from screen readers. */
  labelHidden?: boolean
}

export const Select = <Id extends string>({ label, options, value, onChange, labelHidden }: SelectProps<Id>) => (
  <AriaSelect
    className={cx(s.row)}
    value={value}
    onChange={key => (key === null ? undefined : onChange(key as Id))}
    {...(labelHidden ? { 'aria-label': label } : {})}
  >
    {labelHidden ? null : <Label className={cx(s.label)}>{label}</Label>}
    <Button className={cx(s.select)}>
      <SelectValue className={cx(s.value)} />
      <Icon name="down" size={12} />
    </Button>
    <Popover className={cx(s.popover)} offset={4}>
      <ListBox className={cx(s.list)}>
        {options.map(option => (
          <ListBoxItem key={option.id} id={option.id} textValue={option.label} className={cx(s.option)}>
            {option.label}
          </ListBoxItem>
        ))}
      </ListBox>
    </Popover>
  </AriaSelect>
)

export const Switch = ({ label, on, onChange, reason }: SwitchProps) => (
  <AriaSwitch className={cx(s.row, s.switch)} isSelected={on} onChange={onChange} isDisabled={Boolean(reason)}>
    <span className={cx(s.label)}>
      {label}
      {reason ? <small>{reason}</small> : null}
    </span>
    <span className={cx(s.track)}>
      <i />
    </span>
  </AriaSwitch>
)

interface SwitchProps {
  label: string
  on: boolean
  onChange: (on: boolean) => void
  /** Why it cannot be changed; shown below the label. */
  reason?: string | null
}
