import type { DomainSummary, InstanceSnapshot, VireoClient } from '@vireo/app-main/contract'
import { Suspense, useState } from 'react'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { hindranceOf } from '../../store/action.ts'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient, useConnection, useEntries, useOnline, useStores } from '../../store/hooks.ts'
import { Badge, Button, confirm, MenuButton, Section, SectionLine, SectionRow, SectionRows } from '../../ui/index.ts'
import { hindranceWords } from '../action/action-words.ts'
import { showFailure } from '../action/run-action.ts'
import { isAlive } from '../console/alive.ts'
import { part } from '../../lazy-part.tsx'
import { NameDialog } from './name-dialog.tsx'
import { freeName } from './snapshot-name.ts'
import { text, useText } from './text.ts'
import { useSnapshots } from './use-snapshots.ts'

const LogDialog = part(async () => (await import('../instance-log/log-dialog.tsx')).LogDialog)

type Asked = 'take' | 'copy' | 'rename' | 'log'

/** Why nothing of it can be changed now; null when it can. */
const useReason = (domain: DomainSummary): string | null => {
  const entry = useEntries().find(one => one.room === 'lxd' && one.name === 'takeSnapshot')
  const connection = useConnection(domain.connection)
  const online = useOnline()
  return entry ? hindranceWords(hindranceOf(entry, domain, connection, online)) : null
}

/** The snapshots of a machine of LXD or Incus, and its copies. */
export const SnapshotsSection = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const { all, error } = useSnapshots(domain, shown)
  const reason = useReason(domain)
  const [asked, setAsked] = useState<Asked | null>(null)
  return (
    <Section
      title={t('title')}
      actions={
        <>
          <Button small look="line" aria-haspopup="dialog" reason={reason} onPress={() => setAsked('take')}>
            {t('take')}
          </Button>
          <MenuButton
            small
            icon="more"
            label={t('more', { name: domain.name })}
            entries={[
              { id: 'copy', label: t('copy'), icon: 'copy', reason, onAction: () => setAsked('copy') },
              {
                ...{ id: 'rename', label: t('rename'), icon: 'edit', onAction: () => setAsked('rename') },
                reason: reason ?? (isAlive(domain.state) ? t('renameOn') : null),
              },
              { id: 'log', label: t('log'), icon: 'list', onAction: () => setAsked('log') },
            ]}
          />
        </>
      }
      failure={error && { title: t('failed'), text: failureText(error) }}
      note={all?.length === 0 ? t('none') : null}
    >
      {all === null || all.length === 0 ? null : (
        <SectionRows>
          {all.map(snapshot => (
            <Row key={snapshot.name} domain={domain} snapshot={snapshot} reason={reason} />
          ))}
        </SectionRows>
      )}
      {asked === 'log' ? (
        <Suspense>
          <LogDialog domain={domain} onClose={() => setAsked(null)} />
        </Suspense>
      ) : asked ? (
        <Ask asked={asked} domain={domain} snapshots={all ?? []} onClose={() => setAsked(null)} />
      ) : null}
    </Section>
  )
}

interface AskProps {
  asked: Exclude<Asked, 'log'>
  domain: DomainSummary
  snapshots: readonly InstanceSnapshot[]
  onClose: () => void
}

const Ask = ({ asked, domain, snapshots, onClose }: AskProps) => {
  const t = useText()
  const client = useClient()
  const { domains } = useStores()
  const byId = useStore(domains.state, state => state.byId)
  const { id, name } = domain
  if (asked === 'take') {
    const taken = new Set(snapshots.map(one => one.name))
    return (
      <NameDialog
        title={t('takeTitle', { name })}
        body={t('takeBody')}
        label={t('snapshotName')}
        action={t('takeNow')}
        initial={freeName(taken)}
        taken={taken}
        run={snapshot => client.lxd.takeSnapshot({ id, snapshot })}
        onClose={onClose}
      />
    )
  }
  const others = [...byId.values()].filter(({ connection }) => connection === domain.connection)
  return (
    <NameDialog
      title={t(`${asked}Title`, { name })}
      body={t(`${asked}Body`)}
      label={t(`${asked}Name`)}
      action={t(`${asked}Now`)}
      initial={asked === 'copy' ? `${name}-copy` : name}
      taken={new Set(others.map(one => one.name))}
      run={newName => client.lxd[asked]({ id, newName })}
      onClose={onClose}
    />
  )
}

interface RowProps {
  domain: DomainSummary
  snapshot: InstanceSnapshot
  reason: string | null
}

const Row = ({ domain, snapshot, reason }: RowProps) => {
  const t = useText()
  const format = useFormat()
  const client = useClient()
  const { name, createdAt, stateful } = snapshot
  return (
    <SectionRow
      actions={
        <MenuButton
          small
          icon="more"
          label={t('actionsOf', { snapshot: name })}
          entries={[
            {
              ...{ id: 'restore', label: t('restore'), icon: 'reboot', reason, danger: true },
              onAction: () => void restore(client, domain, name),
            },
            {
              ...{ id: 'remove', label: t('remove'), icon: 'trash', reason, danger: true },
              onAction: () => void remove(client, domain, name),
            },
          ]}
        />
      }
    >
      <SectionLine>
        <bdi className="mono">{name}</bdi>
        {stateful ? <Badge>{t('stateful')}</Badge> : null}
      </SectionLine>
      <small>{createdAt === null ? t('unknownTime') : format.time(createdAt)}</small>
    </SectionRow>
  )
}

const restore = async (client: VireoClient, { id, name, state }: DomainSummary, snapshot: string): Promise<void> => {
  const yes = await confirm({
    ...{ title: text('restoreTitle', { name, snapshot }), action: text('restoreNow'), danger: true },
    body: text(isAlive(state) ? 'restoreRunning' : 'restoreBody'),
  })
  if (!yes) return
  try {
    await client.lxd.restoreSnapshot({ id, snapshot })
  } catch (thrown) {
    showFailure(text('restoreFailed', { name, snapshot }), appErrorOf(thrown))
  }
}

const remove = async (client: VireoClient, { id, name }: DomainSummary, snapshot: string): Promise<void> => {
  const yes = await confirm({
    ...{ title: text('removeTitle', { name, snapshot }), action: text('removeNow'), danger: true },
    body: text('removeBody'),
  })
  if (!yes) return
  try {
    await client.lxd.deleteSnapshot({ id, snapshot })
  } catch (thrown) {
    showFailure(text('removeFailed', { snapshot }), appErrorOf(thrown))
  }
}
