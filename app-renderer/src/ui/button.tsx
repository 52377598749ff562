import { type ReactNode, useId } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { Kbd } from './badge.tsx'
import s from './button.module.css'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icon.tsx'
import { Spinner } from './spinner.tsx'
import { Tooltip } from './tooltip.tsx'

export type ButtonLook = 'solid' | 'line' | 'quiet' | 'danger'

interface Common {
  onPress?: (() => void) | undefined
  /** Why the button cannot be used now. It stays focusable, so that the reason can be read. */
  reason?: string | null | undefined
  look?: ButtonLook
  small?: boolean
  /** True while its work is under way: it cannot be pressed again. */
  pending?: boolean
  pressed?: boolean
  className?: string
  autoFocus?: boolean
  type?: 'button' | 'submit'
  /** The id of the form to submit, where the button stands outside of it. */
  form?: string
  'aria-haspopup'?: 'menu' | 'dialog' | 'listbox'
  'aria-expanded'?: boolean
}

interface ButtonProps extends Common {
  icon?: IconName
  children: ReactNode
  /** Shown as a hint when the button is usable. */
  hint?: string
  /** The key that does the same, shown in it; not part of its name. */
  kbd?: string | undefined
}

interface IconButtonProps extends Common {
  icon: IconName
  /** Its name; also the hint. */
  label: string
  iconSize?: number
}

interface BaseProps extends Common {
  children: ReactNode
  classes: string
  tip?: string | undefined
  label?: string
}

const Base = ({ onPress, reason, look = 'quiet', small, pending, pressed, tip, label, ...rest }: BaseProps) => {
  const reasonId = useId()
  const { children, classes, className, autoFocus, type = 'button', ...popup } = rest
  return (
    <>
      <Tooltip text={reason ?? tip}>
        <AriaButton
          type={type}
          className={cx(s.button, s[look], small && s.small, classes, className)}
          isPending={pending ?? false}
          {...(autoFocus ? { autoFocus } : {})}
          {...(label ? { 'aria-label': label } : {})}
          {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
          {...(reason
            ? { 'aria-disabled': true, 'aria-describedby': reasonId }
            : onPress
              ? { onPress: () => onPress() }
              : {})}
          {...popup}
        >
          {children}
        </AriaButton>
      </Tooltip>
      {reason ? (
        <span id={reasonId} className="visually-hidden">
          {reason}
        </span>
      ) : null}
    </>
  )
}

export const Button = ({ icon, children, hint, kbd, ...rest }: ButtonProps) => (
  <Base classes="" tip={hint} {...rest}>
    {rest.pending ? <Spinner /> : icon ? <Icon name={icon} /> : null}
    <span className={cx(s.text)}>{children}</span>
    {kbd ? (
      <span aria-hidden>
        <Kbd>{kbd}</Kbd>
      </span>
    ) : null}
  </Base>
)

export const IconButton = ({ icon, label, iconSize = 16, ...rest }: IconButtonProps) => (
  <Base classes={cx(s.icon)} tip={label} label={label} {...rest}>
    {rest.pending ? <Spinner /> : <Icon name={icon} size={iconSize} />}
  </Base>
)
