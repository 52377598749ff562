import type { Network, VireoClient } from '@vireo/app-main/contract'
import { createFormat } from '../../i18n/format.ts'
import { i18n } from '../../i18n/i18n.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { confirm, type MenuEntry } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { text } from './text.ts'

/** How many names a question spells out. */
const NAMED = 5

/** Names of machines as a list in a sentence. */
export const namesOf = (names: readonly string[]): string => {
  const format = createFormat(i18n.language)
  const rest = names.length - NAMED
  return format.list(rest > 0 ? [...names.slice(0, NAMED), text('more', { count: rest })] : names)
}

const attempt = async (title: string, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work()
  } catch (thrown) {
    showFailure(title, appErrorOf(thrown))
  }
}

const stop = async (client: VireoClient, { connection, name }: Network): Promise<void> => {
  await attempt(text('stopFailed', { name }), async () => {
    const { users } = await client.network.info({ connection, name })
    const running = users.filter(user => user.running).map(user => user.name)
    const machines = namesOf(running)
    const evenIfUsed = running.length > 0
    const question = {
      ...{ title: text('stopTitle', { name }), action: text('stopAction'), danger: true },
      body: text('stopQuestion', { count: running.length, machines }),
    }
    if (evenIfUsed && !(await confirm(question))) return
    await client.network.stop({ connection, name, evenIfUsed })
  })
}

export interface NetworkMenu {
  readonly client: VireoClient
  /** Why nothing of it can be changed. */
  readonly reason: string | null
  readonly onDetails: () => void
  readonly onDelete: () => void
}

/** All that can be done with a network. */
export const networkMenu = (network: Network, menu: NetworkMenu): readonly MenuEntry[] => {
  const { connection, name, active, autostart, persistent } = network
  const { client, reason, onDetails, onDelete } = menu
  const start = () => attempt(text('startFailed', { name }), () => client.network.start({ connection, name }))
  const setAutostart = () =>
    attempt(text('autostartFailed', { name }), () =>
      client.network.autostart({ connection, name, enabled: !autostart }),
    )
  return [
    { id: 'details', label: text('details'), icon: 'info', onAction: onDetails },
    'separator',
    active
      ? { id: 'stop', label: text('stop'), icon: 'stop', reason, onAction: () => void stop(client, network) }
      : { id: 'start', label: text('start'), icon: 'play', reason, onAction: () => void start() },
    {
      ...{ id: 'autostart', label: text('startWithHost'), checked: autostart },
      reason: reason ?? (persistent ? null : text('isTransient')),
      onAction: () => void setAutostart(),
    },
    'separator',
    { id: 'delete', label: text('delete'), icon: 'trash', danger: true, reason, onAction: onDelete },
  ]
}
