import type { DomainId, DomainSummary, SshAccess, VireoClient } from '@vireo/app-main/contract'
import { useEffect, useMemo, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Button, confirm, Dialog, EmptyState, MenuButton, Spinner } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { type LineState, TerminalConsole } from '../serial/terminal-console.tsx'
import { AccessForm } from './access-form.tsx'
import { InsidePane } from './inside-pane.tsx'
import { EndedBanner, hasEnded, TerminalNotice } from './terminal-notice.tsx'
import { TerminalSource } from './terminal-source.ts'
import s from './terminal.module.css'
import { text, useText } from './text.ts'
import { useAccess } from './use-access.ts'

interface TerminalPaneProps {
  domain: DomainSummary
  shown: boolean
}

/** A shell in the machine: by the hypervisor itself where it can, else over SSH. */
export const TerminalPane = ({ domain, shown }: TerminalPaneProps) =>
  domain.kind === 'lxd' ? <InsidePane domain={domain} shown={shown} /> : <SshPane domain={domain} shown={shown} />

const SshPane = ({ domain, shown }: TerminalPaneProps) => {
  const t = useText()
  const running = domain.state === 'running'
  const { access, error, reload, take } = useAccess(domain, shown && running)
  // Counts what was saved: each time there is a new beginning.
  const [turn, setTurn] = useState(0)
  const reachable = access !== null && (access.host !== null || access.address !== null)
  // What a person types is not taken away by an address that appears meanwhile.
  const [typing, setTyping] = useState(false)
  // A terminal that is open stays, whatever becomes of the address.
  const [begun, setBegun] = useState(false)
  useEffect(() => setBegun(now => running && (now || (reachable && !typing))), [running, reachable, typing])
  useEffect(() => {
    if (!running) setTyping(false)
  }, [running])
  const saved = (answer: SshAccess): void => {
    take(answer)
    setTyping(false)
    setTurn(turn + 1)
  }
  if (running && error && !access)
    return (
      <EmptyState
        icon="warn"
        title={t('accessFailed')}
        actions={
          <Button look="line" onPress={reload}>
            {t('tryNow')}
          </Button>
        }
      >
        <p>{error.message}</p>
        {error.hint ? <p>{error.hint}</p> : null}
      </EmptyState>
    )
  if (running && !access) return <EmptyState art={<Spinner size={24} label={t('loading')} />} title={t('loading')} />
  if (running && access && (!reachable || typing) && !begun)
    return (
      <div className={s.first}>
        <EmptyState icon="term" title={t('noAddressTitle', { name: domain.name })}>
          <p>{reachable ? t('nowKnown', { address: access.host ?? access.address ?? '' }) : t('noAddressBody')}</p>
          <AccessForm
            domain={domain}
            access={access}
            onSaved={saved}
            onTyped={() => setTyping(true)}
            {...(reachable ? { onCancel: () => setTyping(false), cancelLabel: t('connectThere') } : {})}
          />
        </EmptyState>
      </div>
    )
  return <Session key={turn} domain={domain} shown={shown} access={access} reload={reload} onSaved={saved} />
}

interface SessionProps extends TerminalPaneProps {
  access: SshAccess | null
  /** Reads it anew. */
  reload: () => void
  onSaved: (access: SshAccess) => void
}

const Session = ({ domain, shown, access, reload, onSaved }: SessionProps) => {
  const t = useText()
  const client = useClient()
  const { id, name } = domain
  const source = useMemo(() => new TerminalSource(client.ssh.terminal, id, reload), [client, id, reload])
  const [editing, setEditing] = useState(false)
  const edit = (): void => setEditing(true)
  const above = ({ state, session }: LineState) =>
    hasEnded(state) ? <EndedBanner end={source.end} onAgain={() => session?.retry()} /> : null
  const cover = ({ state, session }: LineState) => (
    <TerminalNotice
      domain={domain}
      state={state}
      onRetry={() => session?.retry()}
      onForget={() => void forget(client, id, name).then(answer => (answer ? onSaved(answer) : undefined))}
      onAccess={edit}
    />
  )
  return (
    <>
      <TerminalConsole
        domain={domain}
        source={source}
        alive={domain.state === 'running'}
        shown={shown}
        restsUnseen
        label={t('console', { name })}
        toolbarLabel={t('toolbar')}
        start={access ? <AccessMenu domain={domain} access={access} onEdit={edit} onSaved={onSaved} /> : null}
        above={above}
        cover={cover}
      />
      {editing && access ? (
        <Dialog title={t('accessTitle', { name })} onClose={() => setEditing(false)}>
          <AccessForm domain={domain} access={access} onSaved={onSaved} onCancel={() => setEditing(false)} />
        </Dialog>
      ) : null}
    </>
  )
}

/** Asks first: whoever answers then is believed. */
const forget = async (client: VireoClient, id: DomainId, name: string): Promise<SshAccess | null> => {
  const yes = await confirm({
    title: text('forgetTitle', { name }),
    body: text('forgetBody'),
    action: text('forget'),
    danger: true,
  })
  return yes ? change(text('forget'), () => client.ssh.forgetHostKey({ id })) : null
}

const change = async (title: string, call: () => Promise<SshAccess>): Promise<SshAccess | null> => {
  try {
    return await call()
  } catch (thrown) {
    showFailure(title, appErrorOf(thrown))
    return null
  }
}

interface AccessMenuProps {
  domain: DomainSummary
  access: SshAccess
  onEdit: () => void
  onSaved: (access: SshAccess) => void
}

/** Where the terminal leads, and what can be done about that. */
const AccessMenu = ({ domain: { id, name }, access, onEdit, onSaved }: AccessMenuProps) => {
  const t = useText()
  const client = useClient()
  const user = access.user ?? access.ownUser
  return (
    <>
      <MenuButton
        small
        icon="settings"
        label={t('access')}
        entries={[
          { id: 'edit', label: t('edit'), icon: 'edit', onAction: onEdit },
          {
            id: 'disconnect',
            label: t('disconnect'),
            icon: 'power',
            onAction: () => void change(t('disconnect'), () => client.ssh.disconnect({ id })),
          },
          {
            id: 'forget',
            label: t('forgetKey'),
            icon: 'trash',
            danger: true,
            reason: access.hostKeyKnown ? null : t('keyUnknown'),
            onAction: () => void forget(client, id, name).then(answer => (answer ? onSaved(answer) : undefined)),
          },
        ]}
      />
      <span className={s.where} dir="ltr">
        {user}@{access.host ?? access.address}
        {access.port === 22 ? '' : `:${access.port}`}
      </span>
    </>
  )
}
