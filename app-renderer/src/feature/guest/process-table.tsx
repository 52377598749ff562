import type { DomainSummary, GuestAgentState, GuestProcess } from '@vireo/app-main/contract'
import { useCallback, useMemo, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { type Column, confirm, DataTable, MenuButton } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { Filtered } from './filtered.tsx'
import { text, useText } from './text.ts'
import { useReading } from './use-reading.ts'

const EVERY_MS = 3000
const TERM = 15
const KILL = 9

interface Props {
  domain: DomainSummary
  agent: GuestAgentState
  shown: boolean
}

/** Every process inside, as in a task manager. */
export const ProcessTable = ({ domain, agent, shown }: Props) => {
  const t = useText()
  const client = useClient()
  const { id } = domain
  const read = useCallback(() => client.guest.processes({ id }), [client, id])
  const reading = useReading(read, { shown, everyMs: EVERY_MS })
  const [filter, setFilter] = useState('')
  const end = useCallback(
    async (process: GuestProcess, signal: number): Promise<void> => {
      const { name, pid } = process
      const body = text('killQuestion', { name, pid })
      if (signal === KILL && !(await confirm({ title: text('kill'), body, action: text('kill'), danger: true }))) return
      try {
        await client.guest.kill({ id, pid, signal })
        reading.reload()
      } catch (thrown) {
        showFailure(text('killFailed', { name }), appErrorOf(thrown))
      }
    },
    [client, id, reading],
  )
  const columns = useColumns(agent.features.kill, end)
  const word = filter.trim().toLowerCase()
  const rows = (reading.value ?? []).filter(
    one => word === '' || `${one.pid} ${one.name} ${one.command ?? ''} ${one.user ?? ''}`.toLowerCase().includes(word),
  )
  return (
    <Filtered what={t('view.processes')} reading={reading} filter={filter} onFilter={setFilter} count={rows.length}>
      <DataTable
        label={t('view.processes')}
        columns={columns}
        rows={rows}
        rowKey={one => one.pid}
        sortedBy="cpu"
        empty={t('nothing')}
      />
    </Filtered>
  )
}

const useColumns = (
  noKill: string | undefined,
  end: (process: GuestProcess, signal: number) => Promise<void>,
): readonly Column<GuestProcess>[] => {
  const t = useText()
  const format = useFormat()
  return useMemo(
    () => [
      { id: 'name', label: t('name'), cell: one => <bdi>{one.name}</bdi>, order: one => one.name, heading: true },
      { id: 'pid', label: t('pid'), cell: one => one.pid, order: one => one.pid, figure: true },
      { id: 'user', label: t('user'), cell: one => <bdi>{one.user ?? '—'}</bdi>, order: one => one.user },
      {
        ...{ id: 'cpu', label: t('cpu'), figure: true, order: one => one.cpuPercent },
        cell: one => (one.cpuPercent === null ? '—' : format.number(one.cpuPercent, 1)),
      },
      {
        ...{ id: 'memory', label: t('memory'), figure: true, order: one => one.memoryBytes },
        cell: one => <bdi>{one.memoryBytes === null ? '—' : format.bytes(one.memoryBytes)}</bdi>,
      },
      { id: 'state', label: t('state'), cell: one => one.state ?? '—', order: one => one.state },
      {
        ...{ id: 'command', label: t('command'), wide: true, order: one => one.command },
        cell: one => (
          <bdi className="mono" title={one.command ?? undefined}>
            {one.command ?? '—'}
          </bdi>
        ),
      },
      {
        ...{ id: 'actions', label: t('actionsOf', { name: '' }), bare: true },
        cell: one => (
          <MenuButton
            small
            label={t('actionsOf', { name: one.name })}
            entries={[
              { id: 'end', label: t('end'), reason: noKill ?? null, onAction: () => void end(one, TERM) },
              {
                id: 'kill',
                label: t('kill'),
                reason: noKill ?? null,
                danger: true,
                onAction: () => void end(one, KILL),
              },
            ]}
          />
        ),
      },
    ],
    [t, format, noKill, end],
  )
}
