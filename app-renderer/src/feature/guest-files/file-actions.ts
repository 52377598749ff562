/** What is done with files: asks, does, and says what failed. */
import { type DomainSummary, type GuestEntry, RemoteError, type VireoClient } from '@vireo/app-main/contract'
import { createFormat } from '../../i18n/format.ts'
import { i18n } from '../../i18n/i18n.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { confirm, showToast } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { downloadJob, folderDownloadJob } from './download-job.ts'
import { joinPath } from './guest-path.ts'
import { localName, visibleName, visiblePath } from './safe-name.ts'
import { canChooseFile, canChooseFolder, chooseFile, chooseFolder, downloadByBrowser } from './save-target.ts'
import { text } from './text.ts'
import { transfers } from './transfer-store.ts'
import { uploadJob } from './upload-job.ts'
import { type Choice, type Conflict, type Known, planUpload } from './upload-plan.ts'

export interface Place {
  readonly client: VireoClient
  readonly domain: DomainSummary
  /** The guest's folder. */
  readonly path: string
}

/** How many names a question spells out. */
const NAMED = 5

const questionOf = (entries: readonly GuestEntry[], folder: string): string => {
  const path = visiblePath(folder)
  const [only] = entries
  if (entries.length === 1 && only) {
    const what = visibleName(only.name)
    return text(only.type === 'directory' ? 'deleteFolder' : 'deleteOne', { what, path })
  }
  const names = entries.slice(0, NAMED).map(({ name }) => visibleName(name))
  const rest = entries.length - NAMED
  const listed = rest > 0 ? [...names, text('andMore', { count: rest })] : names
  return text('deleteMany', { what: createFormat(i18n.language).list(listed), path })
}

/** Asks by name, then deletes one after the other; true when anything was tried. */
export const deleteEntries = async (
  { client, domain, path }: Place,
  entries: readonly GuestEntry[],
): Promise<boolean> => {
  const title = text('deleteTitle', { name: domain.name })
  const yes = await confirm({ title, body: questionOf(entries, path), action: text('delete'), danger: true })
  if (!yes) return false
  for (const { name, type } of entries) {
    try {
      const recursive = type === 'directory'
      await client.guest.remove({ id: domain.id, path: joinPath(path, name), recursive })
    } catch (thrown) {
      showFailure(text('deleteFailed', { name: visibleName(name) }), appErrorOf(thrown))
      break
    }
  }
  return true
}

export const createFolder = async ({ client, domain, path }: Place, name: string): Promise<void> => {
  try {
    await client.guest.makeDirectory({ id: domain.id, path: joinPath(path, name) })
  } catch (thrown) {
    showFailure(text('createFailed', { name: visibleName(name) }), appErrorOf(thrown))
  }
}

const factsOf = ({ domain, path }: Place, direction: 'upload' | 'download', name: string, size: number | null) => ({
  ...{ machine: domain.id, machineName: domain.name, direction, name, folder: path, size },
})

/** Puts what was chosen on its way. */
export const startUpload = (place: Place, choice: Choice, there: Known, conflict: Conflict): void => {
  const { client, domain, path } = place
  const unreadable = (name: string): string => text('unreadable', { name: visibleName(name) })
  const planned = planUpload(choice, path, there, conflict)
  transfers.addAll(
    planned.map(({ name, folders, items, size }) => ({
      facts: factsOf(place, 'upload', name, size),
      job: uploadJob({ client, machine: domain.id, folders, items, unreadable }),
    })),
  )
}

const cannotWrite = (thrown: unknown): void => {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  showFailure(text('chooseFailed'), new RemoteError({ kind: 'precondition', message }).detail)
}

const downloadOne = async (place: Place, { name, type, sizeBytes }: GuestEntry): Promise<void> => {
  const { client, domain } = place
  const path = joinPath(place.path, name)
  if (!canChooseFile()) {
    downloadByBrowser(domain.id, path, localName(name))
    showToast({ tone: 'info', title: text('byBrowser', { name: visibleName(name) }) })
    return
  }
  const target = await chooseFile(localName(name))
  if (target)
    transfers.add(
      factsOf(place, 'download', name, type === 'file' ? sizeBytes : null),
      downloadJob({ client, machine: domain.id, path, target }),
    )
}

const downloadMany = async (place: Place, entries: readonly GuestEntry[]): Promise<void> => {
  const { client, domain, path } = place
  const target = await chooseFolder()
  const [first] = entries
  if (!target || !first) return
  const more = entries.length - 1
  const listed = [visibleName(first.name), text('andMore', { count: more })]
  const name = more === 0 ? first.name : createFormat(i18n.language).list(listed)
  const job = folderDownloadJob({ client, machine: domain.id, folder: path, entries, target })
  transfers.add(factsOf(place, 'download', name, null), job)
}

/** Why these cannot be fetched from here; null when they can. */
export const downloadReason = (entries: readonly GuestEntry[]): string | null => {
  if (entries.length === 0) return text('nothingChosen')
  const [only] = entries
  const simple = entries.length === 1 && only?.type !== 'directory'
  return simple || canChooseFolder() ? null : text('noFolderHere')
}

/** To be called straight from a click or key: a place is asked for. */
export const startDownload = async (place: Place, entries: readonly GuestEntry[]): Promise<void> => {
  const [only] = entries
  try {
    if (entries.length === 1 && only && only.type !== 'directory') await downloadOne(place, only)
    else await downloadMany(place, entries)
  } catch (thrown) {
    cannotWrite(thrown)
  }
}
