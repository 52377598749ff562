/** Dropped and chosen files on their way to the folder that is looked at, after asking about names that are taken. */
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
import { namesUnderWay, transfers } from './transfer-store.ts'
import { type Choice, type Conflict, MOST_FILES } from './upload-plan.ts'
import { createUploadQueue, type Pending } from './upload-queue.ts'

export interface Uploads {
  readonly pending: Pending<Place> | null
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

const underWay = ({ domain, path }: Place): ReadonlySet<string> =>
  namesUnderWay(transfers.state.getState().transfers, domain.id, path)

export const useUploads = (): Uploads => {
  const [pending, setPending] = useState<Pending<Place> | null>(null)
  const [queue] = useState(() => createUploadQueue<Place>({ underWay, start: startUpload, ask: setPending }))
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
        // What arrives while the folder is read may be missing in what comes of it.
        const arriving = underWay(place)
        // What is there now, not what was there when the folder was read.
        const entries = await place.client.guest.list({ id: place.domain.id, path: place.path })
        queue.offer({ place, choice, met: [...arriving, ...entries.map(({ name }) => name)] })
      } catch (thrown) {
        showFailure(text('uploadFailed', { path: visiblePath(place.path) }), appErrorOf(thrown))
      }
    },
    answer: conflict => (pending ? queue.answer(pending, conflict) : undefined),
    forget: () => (pending ? queue.answer(pending, null) : undefined),
  }
}
