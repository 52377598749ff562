/** Runs the next step that a task offered, after the contract's own question. */
import type { EntryDescription } from '@vireo/app-main/contract'
import { appErrorOf } from '../../store/app-error.ts'
import type { Stores } from '../../store/stores.ts'
import { confirm } from '../../ui/index.ts'
import { entryQuestion, entryTitle } from './action-words.ts'
import { callOf, showFailure } from './run-action.ts'
import { text } from './text.ts'

export const runOffer = async (
  stores: Stores,
  entry: EntryDescription,
  input: Readonly<Record<string, unknown>>,
  targetName: string | null,
): Promise<void> => {
  const action = entryTitle(entry)
  const name = targetName ?? ''
  const body = entryQuestion(entry, name)
  if (body !== null && !(await confirm({ title: action, body, action, danger: entry.effect === 'destroy' }))) return
  try {
    await callOf(stores.client, entry)(input)
  } catch (thrown) {
    showFailure(text('failed', { action, name }), appErrorOf(thrown))
  }
}
