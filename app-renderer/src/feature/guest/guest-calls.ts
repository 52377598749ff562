/** What is done to a guest as a whole: says how it went. */
import type { DomainId, VireoClient } from '@vireo/app-main/contract'
import { createFormat } from '../../i18n/format.ts'
import { i18n } from '../../i18n/i18n.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { showToast } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { text } from './text.ts'

type Action = 'syncTime' | 'freeze' | 'thaw' | 'trim' | 'setPassword'

const FREEZE_SECONDS = 60

/** Runs a call and tells its end; `quiet` when a task tells it. */
export const runGuestCall = async <T>(
  action: Action,
  call: () => Promise<T>,
  { quiet = false }: { quiet?: boolean } = {},
): Promise<T | undefined> => {
  try {
    const result = await call()
    if (!quiet) showToast({ tone: 'done', title: text('done', { action: text(`call.${action}`) }) })
    return result
  } catch (thrown) {
    showFailure(text('callFailed', { action: text(`call.${action}`) }), appErrorOf(thrown))
    return undefined
  }
}

export const freeze = async (client: VireoClient, id: DomainId): Promise<void> => {
  const ask = () => client.guest.freeze({ id, timeoutSeconds: FREEZE_SECONDS })
  const frozen = await runGuestCall('freeze', ask, { quiet: true })
  if (!frozen) return
  const time = frozen.autoThawAt === null ? null : createFormat(i18n.language).time(frozen.autoThawAt)
  showToast({
    tone: 'info',
    title: text('frozen', { count: frozen.count }),
    ...(time !== null && { body: text('frozenUntil', { time }) }),
    action: { label: text('thawNow'), onPress: () => void thaw(client, id) },
  })
}

export const thaw = async (client: VireoClient, id: DomainId): Promise<void> => {
  await runGuestCall('thaw', () => client.guest.thaw({ id }))
}
