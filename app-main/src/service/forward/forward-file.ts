/** The forwards that a person asked for, kept for the next time. */
import { constants, watch } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { z } from 'zod'
import { disposable, type Disposable } from '../../base/disposable.ts'
import { withFileLock } from '../../base/file-lock.ts'
import { writeFileAtomic } from '../../base/json-file.ts'
import { createLog } from '../../base/log.ts'
import { ForwardRule, RemoteError } from '../../contract/index.ts'

/** More than anybody uses, and few enough to look at all of them. */
export const MOST_FORWARDS = 64
const MOST_BYTES = 256 * 1024
const SETTLE_MS = 50
const log = createLog('forward')

const File = z
  .strictObject({ version: z.literal(1), forwards: z.array(z.strictObject(ForwardRule.shape)).max(MOST_FORWARDS) })
  .refine(({ forwards }) => new Set(forwards.map(({ id }) => id)).size === forwards.length, 'an id stands there twice')

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code

/** `forwards.json`, which several processes share. What Vireo does not understand there it neither uses nor replaces. */
export class ForwardFile {
  readonly path: string
  #writing: Promise<unknown> = Promise.resolve()

  constructor(path: string) {
    this.path = path
  }

  /** None where there is no file. Rejects with `precondition` and what is wrong with it. */
  async read(): Promise<readonly ForwardRule[]> {
    const text = await this.#text()
    if (text === null) return []
    const parsed = File.safeParse(jsonOf(text))
    if (parsed.success) return parsed.data.forwards
    const [issue] = parsed.error.issues
    throw this.#damaged(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'it is no such list'}`.replace(/^: /, ''))
  }

  /** Reads afresh, changes and writes, while no other process does. What `change` throws leaves all as it was. */
  update(change: (rules: readonly ForwardRule[]) => readonly ForwardRule[]): Promise<void> {
    const next = this.#writing.then(async () => {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 })
      await withFileLock(`${this.path}.lock`, async () => {
        const forwards = change(await this.read())
        await writeFileAtomic(this.path, `${JSON.stringify({ version: 1, forwards }, null, 2)}\n`)
      })
    })
    this.#writing = next.catch(() => undefined)
    return next
  }

  /** Tells that somebody, this process included, may have replaced it. */
  async watch(listener: () => void): Promise<Disposable> {
    const folder = dirname(this.path)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    let timer: NodeJS.Timeout | undefined
    const watcher = watch(folder, { persistent: false }, (_kind, name) => {
      if (name !== basename(this.path)) return
      clearTimeout(timer)
      timer = setTimeout(listener, SETTLE_MS)
    })
    watcher.on('error', error => log.warn('cannot be watched', { folder, error }))
    return disposable(() => {
      clearTimeout(timer)
      watcher.close()
    })
  }

  async #text(): Promise<string | null> {
    try {
      // A pipe that somebody put there would keep us waiting for ever.
      const file = await open(this.path, constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        const found = await file.stat()
        if (!found.isFile()) throw this.#damaged('it is no file')
        if (found.size > MOST_BYTES) throw this.#damaged('it is too large')
        return await file.readFile('utf8')
      } finally {
        await file.close()
      }
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return null
      if (error instanceof RemoteError) throw error
      const why = error instanceof Error ? error.message : String(error)
      throw new RemoteError({ kind: 'precondition', message: `The forwards cannot be read: ${why}` }, { cause: error })
    }
  }

  #damaged(why: string): RemoteError {
    return new RemoteError({
      kind: 'precondition',
      message: `“${this.path}” is not what Vireo wrote: ${why}.`,
      hint: 'Nothing of it was changed. Mend it, or move it away to begin anew.',
    })
  }
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
