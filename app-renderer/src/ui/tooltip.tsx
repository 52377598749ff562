import type { ReactNode } from 'react'
import { Tooltip as AriaTooltip, TooltipTrigger } from 'react-aria-components/Tooltip'
import { Focusable } from 'react-aria-components/Focusable'
import type { ComponentProps } from 'react'
import s from './tooltip.module.css'
import { cx } from './cx.ts'

/** A hint for a button of this kit (or of React Aria). Text may come from a guest: it is rendered as text. */
export const Tooltip = ({ text, children, placement }: TooltipProps) =>
  text ? (
    <TooltipTrigger delay={400} closeDelay={60}>
      {children}
      <AriaTooltip className={cx(s.tip)} offset={6} placement={placement ?? 'bottom'}>
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  ) : (
    children
  )

interface TooltipProps {
  text: string | undefined
  children: ReactNode
  placement?: 'top' | 'bottom' | 'start' | 'end'
}

/** A hint for any focusable element. */
export const Hint = ({ text, children }: { text: string; children: ComponentProps<typeof Focusable>['children'] }) => (
  <Tooltip text={text}>
    <Focusable>{children}</Focusable>
  </Tooltip>
)
