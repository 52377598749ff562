import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lives } from '../fixture/wait.ts'
import { clear, livingIn, runSuite } from './run-suite.ts'

const start = async (env: Record<string, string>) => {
  const program = `process.stdout.write('.'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', program], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

test('whatever lives in the folder ends with it, and nothing else does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vbn-'))
  const other = await mkdtemp(join(tmpdir(), 'vbn-'))
  const home = await start({ HOME: join(folder, 'home') })
  const temporary = await start({ TMPDIR: folder })
  const stranger = await start({ HOME: other })
  expect(new Set(await livingIn(folder))).toEqual(new Set([home, temporary]))
  await clear(folder)
  expect([home, temporary, stranger].map(pid => lives(pid))).toEqual([false, false, true])
  expect([existsSync(folder), existsSync(other)]).toEqual([false, true])
  await clear(other)
  expect(lives(stranger)).toBe(false)
})

test('a suite that fails is told by what it said', async () => {
  await expect(runSuite('nonsense', 20, new AbortController().signal)).rejects.toThrow(/no such suite: nonsense/)
})

test('a suite that takes too long is ended, and so is one that is interrupted', async () => {
  await expect(runSuite('weight', 0, new AbortController().signal)).rejects.toThrow('not done within 0 s')
  const stop = new AbortController()
  const running = runSuite('weight', 60, stop.signal)
  setTimeout(() => stop.abort(), 20)
  await expect(running).rejects.toThrow('interrupted')
})
