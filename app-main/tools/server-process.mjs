import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeProgram, root } from './paths.mjs'

/** How long a server may take to announce itself, in milliseconds. */
const START_MS = 30_000
const ASK_MS = 2000

const isOwn = path => statSync(path, { throwIfNoEntry: false })?.uid === process.getuid?.()

/** The same place as app-main/src/base/runtime-folder.ts knows. */
const runtimeFolder = () => {
  const session = process.env.XDG_RUNTIME_DIR
  return session && isOwn(session) ? join(session, 'vireo') : join(tmpdir(), `vireo-${process.getuid?.() ?? 0}`)
}

/** What a running server announced; undefined when there is none or somebody else wrote it. */
const announced = () => {
  try {
    const file = join(runtimeFolder(), 'server.json')
    if (lstatSync(runtimeFolder()).uid !== process.getuid?.() || lstatSync(file).uid !== process.getuid?.())
      return undefined
    const { pid, origin, key, connections } = JSON.parse(readFileSync(file, 'utf8'))
    return typeof origin === 'string' && typeof key === 'string' ? { pid, origin, key, connections } : undefined
  } catch {
    return undefined
  }
}

const freshAddress = async (server, ownOnly) => {
  try {
    const response = await fetch(`${server.origin}/session${ownOnly ? '?own' : ''}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.key}` },
      signal: AbortSignal.timeout(ASK_MS),
    })
    const { url } = await response.json()
    return typeof url === 'string' ? url : undefined
  } catch {
    return undefined
  }
}

/**
 * A one-time address of a server that already runs and shows everything; undefined when none does. With `ownOnly` other users of this computer
 * cannot open it: everybody reads the arguments of a process.
 */
export const runningAddress = async ownOnly => {
  const server = announced()
  // Somebody wanted a few connections in a window of their own: here all are meant.
  return server && !server.connections ? freshAddress(server, ownOnly) : undefined
}

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Starts `vireo serve`. Gives its process and a one-time address, or `{ error }`. */
export const startServer = async (shellReason, ownOnly) => {
  const child = spawn(nodeProgram(), [join(root, 'out/main/cli.js'), 'serve'], {
    cwd: root,
    // Its own word about the address would be one too many.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, VIREO_SHELL_REASON: shellReason },
  })
  let ended
  void once(child, 'exit').then(([code, signal]) => (ended = code ?? signal))
  child.on('error', error => (ended = error.message))
  for (const limit = Date.now() + START_MS; ended === undefined && Date.now() < limit; await pause(50)) {
    const server = announced()
    if (server?.pid !== child.pid) continue
    const url = await freshAddress(server, ownOnly)
    if (url) return { child, url }
  }
  child.kill()
  return { error: ended === undefined ? 'The server did not start in time.' : `The server ended at once (${ended}).` }
}
