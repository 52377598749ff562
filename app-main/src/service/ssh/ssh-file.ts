/** How a person wants to reach machines over SSH, by machine. Never a password. */
import { z } from 'zod'
import { JsonFile } from '../../base/json-file.ts'
import { createLog } from '../../base/log.ts'
import { DEFAULT_SSH, SshSettings, type DomainId } from '../../contract/index.ts'

interface SshMachines {
  readonly machines: Readonly<Record<string, SshSettings>>
}

const log = createLog('ssh')
const File = z.object({ machines: z.record(z.string(), z.unknown()) })
const Entry = SshSettings.partial()

const known = (settings: object): object =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))

/** What somebody wrote by hand and is wrong counts for its machine alone. */
const parse = (raw: unknown): SshMachines => {
  const machines = Object.entries(File.parse(raw).machines).flatMap(([id, value]) => {
    const entry = Entry.safeParse(value)
    if (entry.success) return [[id, { ...DEFAULT_SSH, ...known(entry.data) }] as const]
    log.warn('settings of a machine cannot be used', { id })
    return []
  })
  return { machines: Object.fromEntries(machines) }
}

const usual = (settings: SshSettings): boolean =>
  Object.entries(DEFAULT_SSH).every(([name, value]) => Reflect.get(settings, name) === value)

/** `ssh.json`, which several processes share. */
export class SshFile {
  readonly #file: JsonFile<SshMachines>

  constructor(path: string) {
    this.#file = new JsonFile(path, parse, { machines: {} })
  }

  async get(id: DomainId): Promise<SshSettings> {
    const { machines } = await this.#file.read()
    return (Object.hasOwn(machines, id) ? machines[id] : undefined) ?? DEFAULT_SSH
  }

  /** What is not given stays; a machine at its defaults has no entry. */
  async change(id: DomainId, change: Partial<SshSettings>): Promise<void> {
    await this.#file.update(({ machines }) => {
      const { [id]: now = DEFAULT_SSH, ...others } = machines
      const next = { ...now, ...change }
      return { machines: usual(next) ? others : { ...others, [id]: next } }
    })
  }

  watch(listener: () => void) {
    return this.#file.watch(() => listener())
  }
}
