import type { DomainState, DomainSummary } from '@vireo/app-main/contract'
import { runningTaskOf } from '../../store/tasks.ts'
import { hypervisorName } from '../../store/hypervisor-name.ts'
import { useIsLastKnown, useRoute, useStores, useTasks } from '../../store/hooks.ts'
import { Badge, Button, cx, IconButton, MenuButton, StatusMark, useStateWord } from '../../ui/index.ts'
import { useDomainMenu } from '../action/domain-menu.ts'
import { useDomainAction } from './domain-action.ts'
import s from './machine-detail.module.css'
import h from './machine-head.module.css'
import { hasNoScreen } from './detail-tabs.ts'
import { TaskLine } from './task-line.tsx'
import { useText } from './text.ts'

/** The one thing most wanted in a state, and the two beside it. */
const WANTED: Readonly<Record<DomainState, readonly string[]>> = {
  running: ['screen', 'suspend', 'shutdown'],
  paused: ['resume', 'screen', 'destroy'],
  suspended: ['resume', 'screen', 'destroy'],
  'shutting-down': ['screen', 'suspend', 'destroy'],
  shutoff: ['start', 'suspend', 'shutdown'],
  saved: ['start', 'suspend', 'shutdown'],
  crashed: ['start', 'reset', 'destroy'],
  unknown: ['screen', 'suspend', 'shutdown'],
}

/** Name, state, and what can be done. */
export const MachineHead = ({ domain, wide }: { domain: DomainSummary; wide: boolean }) => {
  const t = useText()
  const stateWord = useStateWord()
  const task = runningTaskOf(useTasks(), domain.id)
  const lastKnown = useIsLastKnown(domain)
  const state = domain.reason ?? stateWord(domain.state)
  return (
    <header className={cx(s.head, wide && s.headWide)}>
      <div className={s.title}>
        <span className={cx(lastKnown && h.lastKnown)}>
          <StatusMark state={domain.state} />
        </span>
        <h2 title={domain.name}>
          <bdi>{domain.name}</bdi>
        </h2>
        <Badge>{hypervisorName(domain)}</Badge>
        {wide ? null : <WindowButtons wide={wide} />}
      </div>
      <p className={cx(s.state, lastKnown && h.lastKnown)} aria-live="polite">
        <span>{lastKnown ? t('lastKnown', { state }) : state}</span>
        {domain.title ? <span> · {domain.title}</span> : null}
      </p>
      <Actions domain={domain} />
      {wide ? <WindowButtons wide={wide} /> : null}
      {task ? <TaskLine key={task.id} task={task} /> : null}
    </header>
  )
}

/** How large the detail is, and away with it. */
const WindowButtons = ({ wide }: { wide: boolean }) => {
  const t = useText()
  const { ui } = useStores()
  return (
    <span className={s.window}>
      <IconButton
        icon={wide ? 'narrow' : 'wide'}
        label={t(wide ? 'narrow' : 'widen')}
        small
        onPress={() => ui.go({ wide: !wide })}
      />
      <IconButton icon="cross" label={t('close')} small onPress={() => ui.go({ machine: null })} />
    </span>
  )
}

const Actions = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const menu = useDomainMenu()
  // Who is at the screen needs no button for it, and nothing else is wanted so much.
  const atScreen = useRoute().tab === 'screen'
  const screenless = hasNoScreen(domain)
  const wanted = WANTED[domain.state].map(name => (screenless && name === 'screen' ? 'serial' : name))
  const [main, ...others] = wanted.filter(name => !atScreen || name !== 'screen')
  return (
    <div className={s.actions} role="group" aria-label={t('actions')}>
      {main ? (
        <MainAction domain={domain} name={main} look={atScreen && main === 'suspend' ? 'line' : 'solid'} />
      ) : null}
      {others.map(name => (
        <SmallAction key={name} domain={domain} name={name} />
      ))}
      <MenuButton label={t('more')} look="line" entries={menu(domain)} />
    </div>
  )
}

const MainAction = ({ domain, name, look }: { domain: DomainSummary; name: string; look: 'solid' | 'line' }) => {
  const action = useDomainAction(domain, name)
  if (!action) return null
  return (
    <Button look={look} icon={action.icon} reason={action.reason} pending={action.pending} onPress={action.run}>
      {action.title}
    </Button>
  )
}

const SmallAction = ({ domain, name }: { domain: DomainSummary; name: string }) => {
  const action = useDomainAction(domain, name)
  if (!action) return null
  return (
    <IconButton
      look="line"
      icon={action.icon}
      label={action.title}
      reason={action.reason}
      pending={action.pending}
      onPress={action.run}
    />
  )
}
