import type { DomainSummary, GuestAgentState, GuestService, ServiceAction } from '@vireo/app-main/contract'
import { useCallback, useMemo, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Badge, type Column, DataTable, MenuButton, type MenuEntry, type Tone } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { Filtered } from './filtered.tsx'
import { text, useText } from './text.ts'
import { useReading } from './use-reading.ts'

const EVERY_MS = 10_000

const TONES: Readonly<Record<GuestService['state'], Tone>> = {
  ...{ running: 'run', failed: 'fail', starting: 'info', stopping: 'pause' },
  ...{ stopped: 'neutral', exited: 'neutral', unknown: 'neutral' },
}

interface Props {
  domain: DomainSummary
  agent: GuestAgentState
  shown: boolean
}

/** The services inside: what runs, what failed, what starts at boot. */
export const ServiceTable = ({ domain, agent, shown }: Props) => {
  const t = useText()
  const client = useClient()
  const { id } = domain
  const read = useCallback(() => client.guest.services({ id }), [client, id])
  const reading = useReading(read, { shown, everyMs: EVERY_MS })
  const [filter, setFilter] = useState('')
  const [busy, setBusy] = useState<string | null>(null)
  const control = useCallback(
    async (name: string, action: ServiceAction): Promise<void> => {
      setBusy(name)
      try {
        await client.guest.controlService({ id, name, action })
      } catch (thrown) {
        showFailure(text('serviceFailed', { action: text(`action.${action}`), name }), appErrorOf(thrown))
      }
      setBusy(null)
      reading.reload()
    },
    [client, id, reading],
  )
  const columns = useColumns(agent.features['service-control'], busy, control)
  const word = filter.trim().toLowerCase()
  const rows = (reading.value ?? []).filter(
    one => word === '' || `${one.name} ${one.description ?? ''} ${one.state}`.toLowerCase().includes(word),
  )
  return (
    <Filtered what={t('view.services')} reading={reading} filter={filter} onFilter={setFilter} count={rows.length}>
      <DataTable
        label={t('view.services')}
        columns={columns}
        rows={rows}
        rowKey={one => one.name}
        sortedBy="name"
        empty={t('nothing')}
      />
    </Filtered>
  )
}

const useColumns = (
  noControl: string | undefined,
  busy: string | null,
  control: (name: string, action: ServiceAction) => Promise<void>,
): readonly Column<GuestService>[] => {
  const t = useText()
  return useMemo(() => {
    const entry = (one: GuestService, action: ServiceAction): MenuEntry => ({
      id: action,
      label: t(`action.${action}`),
      reason: noControl ?? null,
      onAction: () => void control(one.name, action),
    })
    const entries = (one: GuestService): MenuEntry[] => [
      ...(one.state === 'running' ? [entry(one, 'restart'), entry(one, 'stop')] : [entry(one, 'start')]),
      'separator',
      entry(one, one.enabled ? 'disable' : 'enable'),
    ]
    return [
      { id: 'name', label: t('name'), cell: one => <bdi>{one.name}</bdi>, order: one => one.name, heading: true },
      {
        ...{ id: 'state', label: t('state'), order: one => one.state },
        cell: one => <Badge tone={TONES[one.state]}>{busy === one.name ? '…' : t(`service.${one.state}`)}</Badge>,
      },
      {
        ...{ id: 'boot', label: t('boot'), order: one => (one.enabled === null ? null : Number(!one.enabled)) },
        cell: one => t(`boot.${one.enabled === null ? 'unknown' : one.enabled ? 'yes' : 'no'}`),
      },
      { id: 'description', label: '', bare: true, wide: true, cell: one => <bdi>{one.description}</bdi> },
      {
        ...{ id: 'actions', label: t('actionsOf', { name: '' }), bare: true },
        cell: one => <MenuButton small label={t('actionsOf', { name: one.name })} entries={entries(one)} />,
      },
    ]
  }, [t, noControl, busy, control])
}
