import type { DomainState } from '@vireo/app-main/contract'
import { cx } from './cx.ts'
import { Icon, type IconName } from './icon.tsx'
import s from './status-mark.module.css'
import { useText } from './text.ts'

const LOOK: Readonly<Record<DomainState, { icon: IconName; tone: 'run' | 'off' | 'pause' | 'fail' }>> = {
  running: { icon: 'play', tone: 'run' },
  paused: { icon: 'pause', tone: 'pause' },
  'shutting-down': { icon: 'power', tone: 'pause' },
  shutoff: { icon: 'stop', tone: 'off' },
  saved: { icon: 'save', tone: 'off' },
  crashed: { icon: 'warn', tone: 'fail' },
  suspended: { icon: 'moon', tone: 'pause' },
  unknown: { icon: 'question', tone: 'off' },
}

/** The state of a machine as shape and colour; put the word (`useStateWord`) beside it. */
export const StatusMark = ({ state }: { state: DomainState }) => (
  <span className={cx(s.mark, s[LOOK[state].tone])} aria-hidden>
    <Icon name={LOOK[state].icon} size={12} />
  </span>
)

/** Gives the word for a state. */
export const useStateWord = (): ((state: DomainState) => string) => {
  const t = useText()
  return state => t(`state.${state}`)
}
