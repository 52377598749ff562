/** Dropped and chosen files on their way to the folder that is looked at, after asking about names that are taken. */
import type { GuestEntry } from '@vireo/app-main/contract'
import { useState } from 'react'
import { createFormat } from '../../i18n/format.ts'
import { i18n } from '../../i18n/i18n.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { showFailure } from '../action/run-action.ts'
import { showToast } from '../../ui/index.ts'
import { type Place, startUpload } from './file-actions.ts'
import { TooManyFiles } from './read-drop.ts'
import { visiblePath } from './safe-name.ts'
import { text } from './text.ts'
import { type Choice, type Conflict, MOST_FILES, takenNames } from './upload-plan.ts'

/** A choice that waits for an answer. */
export interface Pending {
  readonly place: Place
  readonly choice: Choice
  readonly there: ReadonlyMap<string, GuestEntry>
  readonly names: readonly string[]
}

export interface Uploads {
  readonly pending: Pending | null
  /** Takes what `read` gives; `place` is the folder at the time of the drop. */
  offer(place: Place, read: () => Choice | Promise<Choice>): Promise<void>
  answer(conflict: Conflict): void
  forget(): void
}

const tellFailure = (thrown: unknown): void => {
  if (!(thrown instanceof TooManyFiles)) return showFailure(text('dropFailed'), appErrorOf(thrown))
  const count = createFormat(i18n.language).number(MOST_FILES)
  showToast({ tone: 'fail', title: text('tooMany'), body: text('tooManyBody', { count }) })
}

export const useUploads = (): Uploads => {
  const [pending, setPending] = useState<Pending | null>(null)
  return {
    pending,
    async offer(place, read) {
      let choice: Choice
      try {
        choice = await read()
      } catch (thrown) {
        return tellFailure(thrown)
      }
      if (choice.files.length + choice.folders.length === 0) return
      try {
        // What is there now, not what was there when the folder was read.
        const entries = await place.client.guest.list({ id: place.domain.id, path: place.path })
        const there = new Map(entries.map(entry => [entry.name, entry]))
        const names = takenNames(choice, there)
        if (names.length > 0) setPending({ place, choice, there, names })
        else startUpload(place, choice, there, 'skip')
      } catch (thrown) {
        showFailure(text('uploadFailed', { path: visiblePath(place.path) }), appErrorOf(thrown))
      }
    },
    answer(conflict) {
      if (pending) startUpload(pending.place, pending.choice, pending.there, conflict)
      setPending(null)
    },
    forget: () => setPending(null),
  }
}
