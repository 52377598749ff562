/** Where downloads go: a file or a folder that a person chose, written as the bytes come. Nothing is held in memory. */

export interface Sink {
  /** Writes at a place of the file. */
  write(at: number, bytes: Uint8Array): Promise<void>
  truncate(size: number): Promise<void>
  /** The file has its content under its name. */
  close(): Promise<void>
  /** What was written is dropped; a file that was there before is as it was. */
  abort(): Promise<void>
}

/** A file to be written, opened when its first byte comes. */
export interface SaveFile {
  /** May be called again after what it gave was aborted. */
  open(): Promise<Sink>
  /** Nothing will be written: an empty file that was made for this goes. */
  discard(): Promise<void>
}

/** A folder to be filled: everything in it is new. */
export interface SaveFolder {
  /** `name` is harmless (`localName`) and not there yet. */
  file(name: string): Promise<SaveFile>
  folder(name: string): Promise<SaveFolder>
  has(name: string): Promise<boolean>
}

interface Picker {
  readonly showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>
  readonly showDirectoryPicker?: (options: { mode: 'readwrite'; id: string }) => Promise<FileSystemDirectoryHandle>
}

const picker = (): Picker => window as Picker

const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === 'AbortError'

const sinkOf = async (handle: FileSystemFileHandle): Promise<Sink> => {
  const stream = await handle.createWritable()
  return {
    // The DOM's type excludes shared memory, which no stream here uses.
    write: (position, bytes) => stream.write({ type: 'write', position, data: bytes as Uint8Array<ArrayBuffer> }),
    truncate: size => stream.truncate(size),
    close: () => stream.close(),
    abort: () => stream.abort(),
  }
}

/** Newer than its type. */
interface Removable {
  readonly remove?: () => Promise<void>
}

/** The dialog leaves an empty file under the chosen name, also of one that a person let it replace. */
const chosenFile = (handle: FileSystemFileHandle & Removable): SaveFile => ({
  open: () => sinkOf(handle),
  async discard() {
    if ((await handle.getFile()).size === 0) await handle.remove?.()
  },
})

const newFile = async (folder: FileSystemDirectoryHandle, name: string): Promise<SaveFile> => {
  const handle = await folder.getFileHandle(name, { create: true })
  return {
    open: () => sinkOf(handle),
    async discard() {
      if ((await handle.getFile()).size === 0) await folder.removeEntry(name)
    },
  }
}

const folderOf = (handle: FileSystemDirectoryHandle): SaveFolder => ({
  file: name => newFile(handle, name),
  folder: async name => folderOf(await handle.getDirectoryHandle(name, { create: true })),
  async has(name) {
    try {
      await handle.getFileHandle(name)
      return true
    } catch (error) {
      // A folder of that name is something, too.
      return !(error instanceof DOMException && error.name === 'NotFoundError')
    }
  },
})

/** Whether this window can write where a person wants; else the browser's own downloads have to do. */
export const canChooseFile = (): boolean => typeof picker().showSaveFilePicker === 'function'
export const canChooseFolder = (): boolean => typeof picker().showDirectoryPicker === 'function'

/** Null when the person chose nothing. To be called straight from a click or key. */
export const chooseFile = async (suggestedName: string): Promise<SaveFile | null> => {
  try {
    const handle = await picker().showSaveFilePicker?.({ suggestedName })
    return handle ? chosenFile(handle) : null
  } catch (error) {
    if (isAbort(error)) return null
    throw error
  }
}

export const chooseFolder = async (): Promise<SaveFolder | null> => {
  try {
    const handle = await picker().showDirectoryPicker?.({ mode: 'readwrite', id: 'vireo-files' })
    return handle ? folderOf(handle) : null
  } catch (error) {
    if (isAbort(error)) return null
    throw error
  }
}

/** Hands a guest's file to the browser's own downloads; only where `vireo serve` serves the page. */
export const downloadByBrowser = (id: string, path: string, name: string): void => {
  const link = document.createElement('a')
  link.href = `/download/guest/readFile?${new URLSearchParams({ input: JSON.stringify({ id, path }), name }).toString()}`
  link.download = name
  link.click()
}
