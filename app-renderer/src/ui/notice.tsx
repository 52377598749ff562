import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icon.tsx'
import s from './notice.module.css'

interface EmptyStateProps {
  icon?: IconName
  /** A picture in place of the icon. */
  art?: ReactNode
  title: string
  children?: ReactNode
  /** Buttons. */
  actions?: ReactNode
}

/** A whole area that has nothing to show: says why and what to do. */
export const EmptyState = ({ icon = 'info', art, title, children, actions }: EmptyStateProps) => (
  <div className={cx(s.empty)}>
    <div className={cx(s.art)}>{art ?? <Icon name={icon} size={28} />}</div>
    <h2>{title}</h2>
    {children ? <div className={cx(s.words)}>{children}</div> : null}
    {actions ? <div className={cx(s.actions)}>{actions}</div> : null}
  </div>
)

interface BannerProps {
  tone: 'info' | 'pause' | 'fail'
  title: string
  children?: ReactNode
  actions?: ReactNode
}

/** A strip above content that is still there but not as it should be. */
export const Banner = ({ tone, title, children, actions }: BannerProps) => (
  <div role={tone === 'fail' ? 'alert' : 'status'} className={cx(s.banner, s[tone])}>
    <Icon name={tone === 'info' ? 'info' : 'warn'} />
    <div className={cx(s.bannerWords)}>
      <b>{title}</b> {children}
    </div>
    {actions}
  </div>
)
