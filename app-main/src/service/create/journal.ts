/** What is being made, on disk, so that a Vireo that was killed leaves nothing behind that nobody knows of. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../base/json-file.ts'
import { createLog } from '../../base/log.ts'
import { ConnectionUri, CreateDraft } from '../../contract/index.ts'

const Entry = z.object({
  uuid: z.uuid(),
  name: z.string(),
  connection: ConnectionUri,
  volumes: z.array(z.object({ pool: z.string(), name: z.string() })),
  /** A copy of the image, which others may use when it is whole: its size says so. */
  copy: z.object({ pool: z.string(), name: z.string(), bytes: z.number() }).nullable(),
  /** A storage pool that was made for it alone; null: it lies in one that was there. */
  folderPool: z.object({ name: z.string(), path: z.string() }).nullable().default(null),
  startedAt: z.number(),
  /** What it was to be; null: nobody noted it. With its password’s hash, so only its owner may read this. */
  draft: CreateDraft.nullable().catch(null),
  /** The process at work, and when it began: numbers of processes come back. */
  holder: z.string(),
})
export type JournalEntry = z.infer<typeof Entry>

const log = createLog('create')

/** Number and birth of a process; null when there is none. */
const processMark = async (pid: number): Promise<string | null> => {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name may hold spaces and parentheses; what counts stands behind it.
    const birth = text.slice(text.lastIndexOf(')') + 2).split(' ')[19]
    return `${pid}:${birth}`
  } catch {
    return null
  }
}

export class Journal {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async write(entry: Omit<JournalEntry, 'holder'>): Promise<void> {
    await this.#write({ ...entry, holder: (await processMark(process.pid)) ?? `${process.pid}:` })
  }

  /** What is left of it is nobody's work any more, although this process goes on. */
  async leave(entry: Omit<JournalEntry, 'holder'>): Promise<void> {
    await this.#write({ ...entry, holder: '' })
  }

  async #write(entry: JournalEntry): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    await writeFileAtomic(this.#path(entry.uuid), JSON.stringify(entry))
  }

  async forget(uuid: string): Promise<void> {
    await rm(this.#path(uuid), { force: true })
  }

  /** Everything that was begun and not ended; `alive` says whether somebody is still at it. */
  async entries(): Promise<(JournalEntry & { alive: boolean })[]> {
    const names = await readdir(this.#folder).catch(() => [])
    const read = names
      .filter(name => name.endsWith('.json'))
      .map(async name => {
        try {
          const entry = Entry.parse(JSON.parse(await readFile(join(this.#folder, name), 'utf8')))
          const alive = (await processMark(Number.parseInt(entry.holder, 10))) === entry.holder
          return [{ ...entry, alive }]
        } catch (error) {
          // Ended in this moment, or nothing of ours.
          log.debug('is no entry', { name, error })
          return []
        }
      })
    return (await Promise.all(read)).flat()
  }

  #path(uuid: string): string {
    return join(this.#folder, `${uuid}.json`)
  }
}
