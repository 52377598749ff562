/** What a server leaves to the next one of this user, so that windows go on after a restart. Gone after a reboot. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '../../base/json-file.ts'
import { newSecret } from './sessions.ts'

const SECRET = /^[\w-]{43}$/

/** The secret that signs sessions: made once (0600, in a folder of 0700), then read. Rejects when it can be neither. */
export const sessionSecret = async (folder: string): Promise<string> => {
  const path = join(folder, 'session-secret')
  const fresh = newSecret()
  try {
    // Of two servers that start together one makes it.
    await writeFile(path, fresh, { flag: 'wx', mode: 0o600 })
    return fresh
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  const found = (await readFile(path, 'utf8')).trim()
  if (SECRET.test(found)) return found
  await writeFileAtomic(path, fresh)
  return fresh
}

const portFile = (folder: string): string => join(folder, 'port')

/** The port of the last server; undefined when there was none or the file makes no sense. */
export const rememberedPort = async (folder: string): Promise<number | undefined> => {
  const port = Number(await readFile(portFile(folder), 'utf8').catch(() => ''))
  return Number.isInteger(port) && port >= 1024 && port <= 65_535 ? port : undefined
}

export const rememberPort = (folder: string, port: number): Promise<void> =>
  writeFileAtomic(portFile(folder), String(port))
