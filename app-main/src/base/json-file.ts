/** A small JSON document that several processes share: atomic writes, changes of others noticed, damage kept aside. */
import { watch } from 'node:fs'
import { mkdir, open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { disposable, type Disposable } from './disposable.ts'
import { withFileLock } from './file-lock.ts'
import { createLog } from './log.ts'

const log = createLog('json-file')
const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code

/** Replaces a file in one step, readable by its owner only. A link is followed: dotfile keepers link their files. */
export const writeFileAtomic = async (path: string, data: string | Uint8Array, mode = 0o600): Promise<void> => {
  const target = await realpath(path).catch(() => path)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const draft = `${target}.${process.pid}.${Date.now().toString(36)}.draft`
  try {
    const file = await open(draft, 'wx', mode)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

export class JsonFile<T> {
  readonly #path: string
  readonly #parse: (raw: unknown) => T
  readonly #fallback: T
  #writing: Promise<unknown> = Promise.resolve()

  /** `parse` throws on a document it does not know; then, and when there is none, the value is `fallback`. */
  constructor(path: string, parse: (raw: unknown) => T, fallback: T) {
    this.#path = path
    this.#parse = parse
    this.#fallback = fallback
  }

  async read(): Promise<T> {
    try {
      return await this.#load()
    } catch (error) {
      log.warn('cannot be read, using defaults', { file: this.#path, error })
      return this.#fallback
    }
  }

  async #load(): Promise<T> {
    let text: string
    try {
      text = await readFile(this.#path, 'utf8')
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return this.#fallback
      throw error
    }
    try {
      return this.#parse(JSON.parse(text))
    } catch {
      const aside = `${this.#path}.damaged-${Date.now()}`
      await rename(this.#path, aside).catch((error: unknown) => log.warn('cannot be kept aside', { error }))
      log.warn('was damaged, using defaults', { file: this.#path, keptAs: aside })
      return this.#fallback
    }
  }

  /** Reads afresh, changes and writes, while no other process does. Rejects when what is there cannot be read. */
  update(change: (value: T) => T): Promise<T> {
    const next = this.#writing.then(async () => {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
      return withFileLock(`${this.#path}.lock`, async () => {
        const value = change(await this.#load())
        await writeFileAtomic(this.#path, `${JSON.stringify(value, null, 2)}\n`)
        return value
      })
    })
    this.#writing = next.catch(() => undefined)
    return next
  }

  /** Tells when somebody, this process included, replaced the file. */
  async watch(listener: (value: T) => void): Promise<Disposable> {
    const folder = dirname(this.#path)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    let timer: NodeJS.Timeout | undefined
    // The folder, because an atomic write replaces the file that a watch of the file would follow.
    const watcher = watch(folder, { persistent: false }, (_kind, name) => {
      if (name !== basename(this.#path)) return
      clearTimeout(timer)
      timer = setTimeout(() => void this.read().then(listener), 50)
    })
    watcher.on('error', error => log.warn('cannot be watched', { folder, error }))
    return disposable(() => {
      clearTimeout(timer)
      watcher.close()
    })
  }
}
