import { useEffect, useRef } from 'react'
import { create } from 'zustand'
import { Button, IconButton } from './button.tsx'
import { CopyText } from './copy-text.tsx'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icon.tsx'
import { useText } from './text.ts'
import s from './toast.module.css'

export type ToastTone = 'info' | 'done' | 'fail'

export interface ToastContent {
  tone: ToastTone
  title: string
  /** Why, or what to do next. */
  body?: string | undefined
  /** Shell commands that would mend it: shown and copied, never run from here. */
  commands?: readonly string[] | undefined
  /** The way back or the next step. */
  action?: { label: string; onPress: () => void } | undefined
  /** A toast with a key replaces the one that has it. */
  key?: string | undefined
}
interface Toast extends ToastContent {
  id: number
}

/** Failures and offers stay longer: a person must be able to read and reach them (WCAG 2.2.1). */
const STAY_MS = { brief: 5_000, long: 20_000 } as const
const MOST = 4
const ICONS: Readonly<Record<ToastTone, IconName>> = { info: 'info', done: 'check', fail: 'warn' }

let lastId = 0
const useToasts = create<{ toasts: readonly Toast[] }>(() => ({ toasts: [] }))

export const dismissToast = (id: number): void =>
  useToasts.setState(({ toasts }) => ({ toasts: toasts.filter(toast => toast.id !== id) }))

/** Tells a person that something happened; gives the id for `dismissToast`. */
export const showToast = (content: ToastContent): number => {
  const id = ++lastId
  useToasts.setState(({ toasts }) => ({
    toasts: [...toasts.filter(toast => !content.key || toast.key !== content.key), { ...content, id }].slice(-MOST),
  }))
  return id
}

const ToastItem = ({ toast }: { toast: Toast }) => {
  const t = useText()
  const held = useRef(false)
  const stay = toast.action || toast.tone === 'fail' ? STAY_MS.long : STAY_MS.brief
  useEffect(() => {
    const timer = setInterval(() => (held.current ? undefined : dismissToast(toast.id)), stay)
    return () => clearInterval(timer)
  }, [toast.id, stay])
  const hold = (on: boolean) => () => {
    held.current = on
  }
  return (
    <div
      role={toast.tone === 'fail' ? 'alert' : 'status'}
      className={cx(s.toast, s[toast.tone])}
      onPointerEnter={hold(true)}
      onPointerLeave={hold(false)}
      onFocus={hold(true)}
      onBlur={hold(false)}
    >
      <Icon name={ICONS[toast.tone]} />
      <div className={cx(s.words)}>
        <b>{toast.title}</b>
        {toast.body ? <p>{toast.body}</p> : null}
        {toast.commands?.map(command => (
          <CopyText key={command} value={command} block />
        ))}
      </div>
      {toast.action ? <ToastAction id={toast.id} {...toast.action} /> : null}
      <IconButton icon="cross" iconSize={12} label={t('dismiss')} small onPress={() => dismissToast(toast.id)} />
    </div>
  )
}

const ToastAction = ({ id, label, onPress }: { id: number; label: string; onPress: () => void }) => (
  <Button
    look="line"
    small
    onPress={() => {
      dismissToast(id)
      onPress()
    }}
  >
    {label}
  </Button>
)

/** Where toasts appear; mounted once. */
export const ToastRegion = () => {
  const toasts = useToasts(state => state.toasts)
  const t = useText()
  return (
    <section aria-label={t('notifications')} className={cx(s.region)} data-react-aria-top-layer>
      {toasts.map(toast => (
        <ToastItem key={toast.id} toast={toast} />
      ))}
    </section>
  )
}
