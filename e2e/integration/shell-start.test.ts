/** What `npm start` opens, with stand-ins for everything that would open a window. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeClone, type Clone } from '../fixture/clone.ts'
import { testUser, type TestUser } from '../fixture/test-user.ts'
import { run } from '../fixture/run.ts'
import { until } from '../fixture/wait.ts'

let clone: Clone
let user: TestUser
let started: Started[]

interface Started {
  readonly child: ChildProcess
  said(): string
  ended(): Promise<number | null>
}

beforeEach(async () => {
  clone = await makeClone()
  user = await testUser()
  started = []
})

afterEach(async () => {
  for (const { child } of started) child.kill('SIGTERM')
  await Promise.all(started.map(one => one.ended()))
  await user.dispose()
  await clone.remove()
})

const shell = (args: string[], { root = false, ...options }: { root?: boolean } & StartOptions = {}): Started =>
  start([...(root ? [] : user.prefix), clone.node, join(clone.folder, 'app-main/tools/shell.mjs'), ...args], options)

interface StartOptions {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly display?: string
}

const start = (
  [command = '', ...args]: readonly string[],
  { env = {}, display = ':77' }: StartOptions = {},
): Started => {
  const child = spawn(command, args, {
    cwd: '/',
    env: {
      ...user.env,
      PATH: `${clone.bin}:/usr/bin:/bin`,
      DISPLAY: display,
      CHROMIUM_LOG: join(user.env.HOME ?? '', 'log'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const end = once(child, 'close').then(([code]) => code as number | null)
  const one = { child, said: () => text, ended: async () => end }
  started.push(one)
  return one
}

/** Stands first in the order of browsers, so that no real one is found. */
const browser = (then: string) => clone.program('google-chrome-stable', `echo "$@" >> "$CHROMIUM_LOG"\n${then}`)
const opened = () => readFile(join(user.env.HOME ?? '', 'log'), 'utf8').catch(() => '')
const address = (text: string) => /http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/.exec(text)?.[0]
const visit = async (url: string, as: readonly string[] = []) => {
  const script = `fetch(process.argv[1], { redirect: 'manual' }).then(answer => console.log(answer.status))`
  const [command, ...args] = [...as, clone.node, '-e', script, url]
  return Number(await run(command, args))
}

test('an app window gets an address that only its user can open; closing it ends the server', async () => {
  await browser('exec sleep 6')
  const first = shell(['--shell', 'browser'])
  const url = await until('the browser to be started', async () => address(await opened()), 20_000)
  expect(await opened()).toMatch(/^--app=http\S+ --user-data-dir=\S+vireo\/browser --class=Vireo/)
  // Root read it in the process list.
  expect(await visit(url)).toBe(401)
  expect(await visit(url, user.prefix)).toBe(303)
  expect(await first.ended()).toBe(0)
  expect(first.said()).toContain('in a browser window of its own: asked for with --shell browser')
  await expect(visit(new URL(url).origin)).rejects.toThrow('ECONNREFUSED')
})

test('a second start reaches the server of the first, and a third after its end is at the same address', async () => {
  const first = shell(['--shell', 'none'])
  const one = await until('an address', () => address(first.said()), 20_000)
  const second = shell(['--shell', 'none'])
  expect(await second.ended()).toBe(0)
  const two = address(second.said()) ?? ''
  expect(new URL(two).origin).toBe(new URL(one).origin)
  expect(await visit(two)).toBe(303)
  expect(await visit(two)).toBe(401)
  first.child.kill('SIGTERM')
  await first.ended()
  const third = shell(['--shell', 'none'])
  expect(new URL(await until('an address', () => address(third.said()), 20_000)).origin).toBe(new URL(one).origin)
})

test('a start is not led to a server that only looks, nor to one of a few connections', async () => {
  for (const options of [['--read-only'], ['--connection', 'test:///default']]) {
    const line = [...user.prefix, clone.node, join(clone.folder, 'app-main/bin/vireo.mjs'), 'serve', ...options]
    const partial = start(line)
    const one = await until('an address', () => address(partial.said()), 20_000)
    const full = shell(['--shell', 'none'])
    const two = await until('an address of its own', () => address(full.said()), 20_000)
    expect(new URL(two).port).not.toBe(new URL(one).port)
    for (const { child, ended } of [full, partial]) {
      child.kill('SIGTERM')
      await ended()
    }
  }
})

test('a server that died without a word does not stop the next one', async () => {
  const first = shell(['--shell', 'none'])
  await until('an address', () => address(first.said()), 20_000)
  const { pid } = JSON.parse(await readFile(join(user.env.XDG_RUNTIME_DIR ?? '', 'vireo/server.json'), 'utf8')) as {
    pid: number
  }
  process.kill(pid, 'SIGKILL')
  await first.ended()
  const second = shell(['--shell', 'none'])
  expect(await until('an address', () => address(second.said()), 20_000)).toBeTruthy()
})

test('an Electron that cannot begin is followed by the browser, with the reason', async () => {
  await clone.electron('echo "The SUID sandbox helper binary was found, but is not configured" >&2; exit 1')
  await browser('exec sleep 60')
  const one = shell([])
  await until('the browser to be started', async () => address(await opened()), 20_000)
  expect(one.said()).toContain(
    'in a browser window of its own: Electron does not run here (The SUID sandbox helper binary was found, but is not configured)',
  )
})

test('an Electron that was asked for and cannot begin is a failure', async () => {
  await clone.electron('exit 1')
  await browser('exec sleep 60')
  expect(await shell(['--shell', 'electron']).ended()).toBe(1)
  expect(await opened()).toBe('')
})

test('Electron gets the built program of this clone, spaces and all', async () => {
  await clone.electron('echo "started with: $1"; exit 0')
  const one = shell([])
  expect(await one.ended()).toBe(0)
  expect(one.said()).toContain(`started with: ${clone.folder}/out/main/main.js`)
})

test('a browser that does not start leaves the address and the server', async () => {
  await browser('exit 3')
  const one = shell(['--shell', 'browser'])
  const url = await until('an address', () => address(one.said()), 20_000)
  expect(one.said()).toContain('did not open a window (3)')
  expect(await visit(url, user.prefix)).toBe(303)
})

test('root gets neither Electron nor Chromium; no display an address; a wrong shell is refused', async () => {
  await clone.electron('exit 0')
  await browser('exec sleep 60')
  const root = shell(['--shell', 'electron'], { root: true })
  expect(await root.ended()).toBe(1)
  expect(root.said()).toContain('refuses to run as root')
  const blind = shell([], { display: '' })
  await until('an address', () => address(blind.said()), 20_000)
  expect(blind.said()).toContain('at an address: there is no display')
  const wrong = shell(['--shell', 'window'])
  expect(await wrong.ended()).toBe(1)
  expect(wrong.said()).toContain('must be one of')
  expect(await opened()).toBe('')
})

test('without HOME and without a folder of the login session it starts all the same', async () => {
  const one = shell(['--shell', 'none'], {
    env: { HOME: undefined, XDG_RUNTIME_DIR: '/nowhere', TMPDIR: user.env.XDG_RUNTIME_DIR },
  })
  const url = await until('an address', () => address(one.said()), 20_000)
  expect(await visit(url)).toBe(303)
})

test('the launcher runs from a folder of any name', async () => {
  const launcher = join(clone.folder, 'app-main/bin/vireo.mjs')
  expect(await run(clone.node, [launcher, '--version'])).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('a download that stands still is given up, and not tried again that day', async () => {
  const silent = createServer(socket => void socket.on('error', () => undefined)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const mirror = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`
  const module = JSON.stringify(pathToFileURL(join(clone.folder, 'app-main/tools/electron-binary.mjs')))
  const script = `const it = await import(${module})
    console.log(JSON.stringify([await it.downloadElectron(), it.electronState({ again: false }), it.electronState({ again: true })]))`
  const env = { ...user.env, ELECTRON_MIRROR: mirror, VIREO_STALL_MS: '1500' }
  const output = await run(clone.node, ['--input-type=module', '-e', script], { env })
  silent.close()
  expect(JSON.parse(output.trim().split('\n').at(-1) ?? '')).toEqual([
    { state: 'failed', why: 'no byte arrived for 1.5 s' },
    { state: 'failed', why: 'no byte arrived for 1.5 s, tried within the last day' },
    { state: 'absent' },
  ])
})
