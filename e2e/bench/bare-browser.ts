/**
 * Chromium without Playwright, which keeps every page visible: here a page behind another tab is hidden, as it is for a
 * person. Speaks as much of the DevTools protocol as that takes.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../fixture/wait.ts'
import { installedBrowser } from './browser.ts'

export interface BareBrowser extends AsyncDisposable {
  readonly pid: number
  /** Evaluates an expression in the first tab. */
  evaluate(expression: string): Promise<unknown>
  /** Opens an empty tab in front of it. */
  cover(): Promise<void>
}

interface Reply {
  readonly id: number
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

type Send = (method: string, params?: object, session?: string) => Promise<Record<string, unknown>>

const devTools = async (url: string): Promise<Send> => {
  const socket = new WebSocket(url)
  await new Promise((resolve, reject) => {
    socket.onopen = resolve
    socket.onerror = reject
  })
  const waiting = new Map<number, (reply: Reply) => void>()
  socket.onmessage = ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply
    waiting.get(reply.id)?.(reply)
  }
  let turn = 0
  return async (method, params = {}, session) =>
    new Promise((resolve, reject) => {
      const id = ++turn
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id)
        if (error) reject(new Error(`${method}: ${error.message}`))
        else resolve(result ?? {})
      })
      socket.send(JSON.stringify({ id, method, params, ...(session && { sessionId: session }) }))
    })
}

const flags = (profile: string): string[] => [
  ...['--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--remote-debugging-port=0', `--user-data-dir=${profile}`],
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

/** Opens one tab at `url`. */
export const bareBrowser = async (url: string): Promise<BareBrowser> => {
  const profile = await mkdtemp(join(tmpdir(), 'vireo-chromium-'))
  const program = installedBrowser()
  const child = spawn(program, [...flags(profile), 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-10_000)))
  const ended = new Promise(resolve => child.once('exit', resolve))
  const end = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const address = await until('Chromium to open its tools', () => /ws:\/\/\S+/.exec(said)?.[0], 30_000)
    const send = await devTools(address)
    const { targetInfos } = (await send('Target.getTargets')) as { targetInfos: { type: string; targetId: string }[] }
    const targetId = targetInfos.find(({ type }) => type === 'page')?.targetId
    const { sessionId } = (await send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string }
    await send('Page.enable', {}, sessionId)
    await send('Page.navigate', { url }, sessionId)
    return {
      pid: child.pid ?? 0,
      async evaluate(expression) {
        const { result } = await send('Runtime.evaluate', { expression, awaitPromise: true }, sessionId)
        return (result as { value?: unknown }).value
      },
      cover: async () => void (await send('Target.createTarget', { url: 'about:blank' })),
      [Symbol.asyncDispose]: end,
    }
  } catch (error) {
    await end()
    throw error
  }
}
