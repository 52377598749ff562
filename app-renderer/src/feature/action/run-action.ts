/** Runs an entry of the contract on machines: asks first where it must, reports failures as toasts. */
import type { AppError, DomainSummary, EntryDescription, VireoClient } from '@vireo/app-main/contract'
import { createFormat } from '../../i18n/format.ts'
import { i18n } from '../../i18n/i18n.ts'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import type { Stores } from '../../store/stores.ts'
import { confirm, showToast } from '../../ui/index.ts'
import { askDelete } from '../domain-action/ask-delete.ts'
import { entryQuestion, entryTitle } from './action-words.ts'
import { text } from './text.ts'

/** How many names a question spells out. */
const NAMED = 5

/** Says what failed, why, and what to do next. */
export const showFailure = (title: string, error: AppError): void => {
  // A person who declined a question knows.
  if (error.kind === 'cancelled') return
  const commands = 'fix' in error ? error.fix : undefined
  showToast({ tone: 'fail', title, body: failureText(error), commands })
}

const namesOf = (domains: readonly DomainSummary[]): string => {
  const format = createFormat(i18n.language)
  const rest = domains.length - NAMED
  const names = domains.slice(0, NAMED).map(domain => domain.name)
  return format.list(rest > 0 ? [...names, text('more', { count: rest })] : names)
}

const askFirst = (entry: EntryDescription, domains: readonly DomainSummary[]): Promise<boolean> => {
  const [only] = domains
  const single = domains.length === 1 && only ? entryQuestion(entry, only.name) : null
  if (single === null && entry.effect !== 'destroy') return Promise.resolve(true)
  const body =
    single ?? `${text('bulkQuestion', { count: domains.length, names: namesOf(domains) })} ${text('lossWarning')}`
  const action = entryTitle(entry)
  return confirm({ title: action, body, action, danger: entry.effect === 'destroy' })
}

type Run = (input: Readonly<Record<string, unknown>>) => Promise<unknown>

/** Calls by name: the description comes from the same contract as the client's type. */
export const callOf = (client: VireoClient, entry: EntryDescription): Run =>
  (client as unknown as Readonly<Record<string, Readonly<Record<string, Run>>>>)[entry.room]?.[entry.name] ??
  (() => Promise.reject(new Error(`The contract has no ${entry.room}.${entry.name}.`)))

/** Entries that need more than their id: choices, a file to save, a place in the window. Each is about one machine. */
const OWN_WAYS: Readonly<Record<string, (stores: Stores, domain: DomainSummary) => unknown>> = {
  screen: ({ ui }, domain) => ui.go({ machine: domain.id, wide: true, tab: 'screen' }),
  serial: ({ ui }, domain) => ui.go({ machine: domain.id, wide: true, tab: 'serial' }),
  screenshot: async (stores, domain) => (await import('../domain-action/save-picture.ts')).savePicture(stores, domain),
  undefine: (_, domain) => askDelete(domain),
}

/** Calls report their end as tasks. */
export const runEntry = async (
  stores: Stores,
  entry: EntryDescription,
  domains: readonly DomainSummary[],
): Promise<void> => {
  const [first] = domains
  if (!first) return
  const ownWay = entry.room === 'domain' ? OWN_WAYS[entry.name] : undefined
  if (ownWay) return void (await ownWay(stores, first))
  if (!(await askFirst(entry, domains))) return
  const call = callOf(stores.client, entry)
  await Promise.all(
    domains.map(async domain => {
      try {
        await call({ id: domain.id })
      } catch (thrown) {
        showFailure(text('failed', { action: entryTitle(entry), name: domain.name }), appErrorOf(thrown))
      }
    }),
  )
}
