import type { DomainSummary, GuestAgentState, GuestFeature } from '@vireo/app-main/contract'
import { useCallback, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { useClient } from '../../store/hooks.ts'
import { Badge, Button, Dialog, MenuButton, type MenuEntry } from '../../ui/index.ts'
import { useSetupMenu } from './agent-setup.ts'
import { freeze, runGuestCall, thaw } from './guest-calls.ts'
import s from './guest.module.css'
import { PasswordDialog } from './password-dialog.tsx'
import { useText } from './text.ts'
import { useReading } from './use-reading.ts'

const EVERY_MS = 30_000
/** Below this a clock is right: the answer's way takes its time too. */
const CLOCK_SECONDS = 2

interface Props {
  domain: DomainSummary
  /** Who answers. */
  agent: GuestAgentState
  /** The same, with what the others can do besides. */
  together: GuestAgentState
  shown: boolean
}

/** Who answers, what runs there, and what can be done with the guest as a whole. */
export const GuestHead = ({ domain, agent, together, shown }: Props) => {
  const t = useText()
  const [open, setOpen] = useState<'limits' | 'password' | null>(null)
  const limits = Object.keys(agent.features).length
  const name = t(`dialect.${agent.dialect}`)
  return (
    <header className={s.head}>
      <div className={s.who}>
        <span className={s.line}>
          <SystemLine domain={domain} shown={shown} known={together.features.system === undefined} />
        </span>
        <span className={s.line}>
          <span className={s.dim}>{t('answers')}</span> {name}
          {agent.version ? <Badge>{agent.version}</Badge> : null}
          {limits > 0 ? (
            <Button small onPress={() => setOpen('limits')} aria-haspopup="dialog">
              {t('limits', { count: limits })}
            </Button>
          ) : null}
        </span>
      </div>
      <Actions domain={domain} agent={agent} together={together} onPassword={() => setOpen('password')} />
      {open === 'limits' ? <Limits agent={agent} name={name} onClose={() => setOpen(null)} /> : null}
      {open === 'password' ? <PasswordDialog domain={domain} onClose={() => setOpen(null)} /> : null}
    </header>
  )
}

const SystemLine = ({ domain, shown, known }: { domain: DomainSummary; shown: boolean; known: boolean }) => {
  const t = useText()
  const format = useFormat()
  const client = useClient()
  const { id } = domain
  const read = useCallback(() => client.guest.info({ id }), [client, id])
  const { value } = useReading(read, { shown: shown && known, everyMs: EVERY_MS })
  if (!value) return <span className={s.strong}>…</span>
  const { system } = value
  const os = [system.osName, system.osVersion].filter(part => part && !system.osName?.includes(` ${part}`)).join(' ')
  const offset = system.clockOffsetSeconds
  return (
    <>
      <bdi className={s.strong}>{system.hostname ?? domain.name}</bdi>
      <bdi>{[os, system.kernel && t('kernel', { kernel: system.kernel })].filter(Boolean).join(', ')}</bdi>
      {system.uptimeSeconds === null ? null : (
        <span className={s.dim}>{t('up', { time: format.duration(system.uptimeSeconds) })}</span>
      )}
      {offset !== null && Math.abs(offset) > CLOCK_SECONDS ? (
        <Badge tone="pause">{t('clockOff', { seconds: format.number(offset, 0) })}</Badge>
      ) : null}
    </>
  )
}

const Actions = ({ domain, agent, together, onPassword }: Omit<Props, 'shown'> & { onPassword: () => void }) => {
  const t = useText()
  const client = useClient()
  const setup = useSetupMenu(domain, agent)
  const { id } = domain
  const reason = (feature: GuestFeature): string | null => together.features[feature] ?? null
  const entries: MenuEntry[] = [
    { id: 'password', label: t('call.setPassword'), reason: reason('password'), onAction: onPassword },
    {
      ...{ id: 'time', label: t('call.syncTime'), reason: reason('time') },
      onAction: () => void runGuestCall('syncTime', () => client.guest.syncTime({ id })),
    },
    'separator',
    { id: 'freeze', label: t('call.freeze'), reason: reason('freeze'), onAction: () => void freeze(client, id) },
    { id: 'thaw', label: t('call.thaw'), reason: reason('freeze'), onAction: () => void thaw(client, id) },
    {
      ...{ id: 'trim', label: t('call.trim'), reason: reason('trim') },
      onAction: () => void runGuestCall('trim', () => client.guest.trim({ id }), { quiet: true }),
    },
    ...setup,
  ]
  return <MenuButton label={t('more')} entries={entries} />
}

const Limits = ({ agent, name, onClose }: { agent: GuestAgentState; name: string; onClose: () => void }) => {
  const t = useText()
  return (
    <Dialog
      title={t('limitsTitle', { agent: name })}
      size="m"
      onClose={onClose}
      footer={
        <Button look="line" onPress={onClose}>
          {t('close')}
        </Button>
      }
    >
      <dl className={s.reasons}>
        {Object.entries(agent.features).map(([feature, reason]) => (
          <div key={feature}>
            <dt>{t(`feature.${feature as GuestFeature}`)}</dt>
            <dd>
              <bdi>{reason}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
