/** What was dropped on the window or chosen in its file dialog, folders with what is in them. */
import { type Choice, type Chosen, MOST_FILES } from './upload-plan.ts'

/** More files than are taken at once. */
export class TooManyFiles extends Error {}

interface Found {
  readonly files: Chosen[]
  readonly folders: (readonly string[])[]
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject))

/** A folder is told in portions. */
const entriesIn = async (entry: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> => {
  const reader = entry.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    all.push(...some)
    if (all.length > MOST_FILES) throw new TooManyFiles()
  }
}

const walk = async (entry: FileSystemEntry, above: readonly string[], found: Found): Promise<void> => {
  if (found.files.length + found.folders.length >= MOST_FILES) throw new TooManyFiles()
  if (entry.isFile) {
    found.files.push({ file: await fileOf(entry as FileSystemFileEntry), folders: above })
  } else if (entry.isDirectory) {
    const own = [...above, entry.name]
    found.folders.push(own)
    for (const inner of await entriesIn(entry as FileSystemDirectoryEntry)) await walk(inner, own, found)
  }
}

/** Whether a drag carries files. */
export const hasFiles = (data: DataTransfer | null): boolean => data?.types.includes('Files') ?? false

/** To be called in the drop's own turn: afterwards its items are gone. Rejects with `TooManyFiles`. */
export const readDrop = async (data: DataTransfer): Promise<Choice> => {
  const items = [...data.items].filter(({ kind }) => kind === 'file')
  const roots = items.map(item => item.webkitGetAsEntry() ?? item.getAsFile())
  const found: Found = { files: [], folders: [] }
  for (const root of roots) {
    if (root instanceof File) found.files.push({ file: root, folders: [] })
    else if (root) await walk(root, [], found)
  }
  return found
}

/** What a file input gave; with `webkitdirectory` each file tells its way. */
export const readInput = (list: FileList): Choice => {
  if (list.length > MOST_FILES) throw new TooManyFiles()
  const files = [...list].map(file => {
    const names = file.webkitRelativePath.split('/')
    return { file, folders: file.webkitRelativePath === '' ? [] : names.slice(0, -1) }
  })
  const folders = new Map(
    files
      .flatMap(({ folders: above }) => above.map((_, at) => above.slice(0, at + 1)))
      .map(own => [own.join('/'), own]),
  )
  return { files, folders: [...folders.values()] }
}
