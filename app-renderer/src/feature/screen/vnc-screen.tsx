import type { DomainSummary } from '@vireo/app-main/contract'
import { useEffect, useRef, useState } from 'react'
import { useSettings } from '../../store/hooks.ts'
import { cx } from '../../ui/index.ts'
import { ConsoleArea } from '../console/console-area.tsx'
import { takeFocus } from '../console/take-focus.ts'
import { ConsoleNotice, Connecting, EntryButton } from '../console/console-notice.tsx'
import c from '../console/console.module.css'
import { PasswordForm } from './password-form.tsx'
import { ScreenToolbar } from './screen-toolbar.tsx'
import s from './screen.module.css'
import { useText } from './text.ts'
import { useFullScreen } from './use-full-screen.ts'
import { usePixelRatio } from './use-pixel-ratio.ts'
import { type Screen, useScreenSession } from './use-screen-session.ts'

/** A VNC screen that can be used. */
export const VncScreen = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const toolbar = useRef<HTMLDivElement>(null)
  const target = useRef<HTMLDivElement>(null)
  const { screenScale, screenResizeGuest } = useSettings()
  const [viewOnly, setViewOnly] = useState(false)
  const resizeGuest = screenResizeGuest && screenScale === 'fit'
  const screen = useScreenSession(domain, target, { viewOnly, resizeGuest })
  const full = useFullScreen()
  const connected = screen.state.kind === 'connected'

  useEffect(() => {
    // Whoever opens a screen wants to type there; a person who is typing elsewhere is left alone.
    if (!shown || !connected) return undefined
    const focus = (): void => screen.session?.view?.rfb.focus()
    if (!full.on) return takeFocus(focus)
    focus()
    return undefined
  }, [shown, connected, full.on, screen.session])

  return (
    <div className={cx(c.console, full.on && c.full)}>
      <ScreenToolbar
        ref={toolbar}
        domain={domain}
        screen={screen}
        viewOnly={viewOnly}
        onViewOnly={setViewOnly}
        full={full}
      />
      <div className={c.stage}>
        <ConsoleArea label={t('screen', { name: domain.name })} releaseTo={toolbar} rawKeys>
          <div className={cx(s.scroller, screenScale === 'actual' && s.actual)}>
            <Target ref={target} size={screenScale === 'actual' ? screen.size : null} />
          </div>
        </ConsoleArea>
        {connected && domain.state === 'paused' ? <Paused domain={domain} /> : null}
        <Notice domain={domain} screen={screen} />
      </div>
    </div>
  )
}

interface TargetProps {
  ref: React.Ref<HTMLDivElement>
  /** Guest pixels to show one to one; null fills the area. */
  size: { readonly width: number; readonly height: number } | null
}

/** noVNC scales into this element: sized in display pixels, its scale becomes exactly one. */
const Target = ({ ref, size }: TargetProps) => {
  const ratio = usePixelRatio()
  const style = size ? { inlineSize: size.width / ratio, blockSize: size.height / ratio } : undefined
  return <div ref={ref} className={cx(s.target, size && s.exact)} style={style} data-console-input dir="ltr" />
}

const Paused = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  return (
    <div className={s.veil} role="status">
      <div className={s.pill}>
        <b>{t('paused')}</b>
        {domain.reason ? <span>{domain.reason}</span> : null}
        <EntryButton name="resume" domain={domain} look="solid" />
      </div>
    </div>
  )
}

const Notice = ({ domain, screen }: { domain: DomainSummary; screen: Screen }) => {
  const { state, session } = screen
  switch (state.kind) {
    case 'connected':
      return null
    case 'open':
      return <Connecting />
    case 'password':
      return (
        <PasswordForm
          wrong={state.wrong}
          user={state.user}
          onGiven={credentials => session?.givePassword(credentials)}
        />
      )
    default:
      return <ConsoleNotice domain={domain} state={state} onRetry={() => session?.retry()} />
  }
}
