/** The audit log: what was asked for by whom, and how it ended. JSON lines, readable by their owner only. */
import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createLog } from '../base/log.ts'

const ROTATE_BYTES = 1024 * 1024
const KEPT = 4
const LONG = 300
// XML and cloud-init data carry passwords in places of their own.
const SECRET = /passw|secret|token|credential|xml|user-?data|runcmd/i
const log = createLog('audit')

/** An input as the log may keep it: no secrets, no bulk. */
export const redact = (value: unknown, key = ''): unknown => {
  if (SECRET.test(key)) return '[hidden]'
  if (typeof value === 'string') {
    const text = value.replace(/\/\/[^/@\s]*:[^/@\s]*@/g, '//[hidden]@')
    return text.length > LONG ? `${text.slice(0, LONG)}[${value.length} characters]` : text
  }
  if (Array.isArray(value)) return value.map(item => redact(item, key))
  if (typeof value !== 'object' || value === null) return value
  // Of a command's environment the names tell enough: whoever has a secret for a command gives it there.
  const hide = key === 'env'
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, hide ? '[hidden]' : redact(item, name)]))
}

export interface Audit {
  write(record: Readonly<Record<string, unknown>>): Promise<void>
}

const rotate = async (path: string): Promise<void> => {
  const size = await stat(path).then(
    file => file.size,
    () => 0,
  )
  if (size < ROTATE_BYTES) return
  const names = [path, ...Array.from({ length: KEPT }, (_, index) => `${path}.${index + 1}`)]
  for (let index = KEPT - 1; index >= 0; index--) {
    // A missing step is normal while there are few, and another process may rotate at the same moment.
    await rename(names[index] as string, names[index + 1] as string).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') log.warn('cannot be rotated and grows', { path, error })
    })
  }
}

/**
 * Appends to `path` and rotates at 1 MiB. A log that cannot be written does not keep anybody from switching a machine
 * off (a full disk is when one needs it most): it is reported on standard error instead.
 */
export const createAudit = (path: string): Audit => {
  let last: Promise<void> = Promise.resolve()
  const append = async (line: string) => {
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await rotate(path)
      await appendFile(path, line, { mode: 0o600 })
    } catch (error) {
      log.error('cannot be written', { path, error })
    }
  }
  return {
    write(record) {
      const line = `${JSON.stringify({ at: new Date().toISOString(), ...record })}\n`
      last = last.then(() => append(line))
      return last
    },
  }
}
