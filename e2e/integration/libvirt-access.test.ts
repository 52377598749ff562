import { build } from 'esbuild'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensurePolkit, type Daemons } from '../fixture/daemons.ts'
import { run } from '../fixture/run.ts'
import { testUser, type TestUser } from '../fixture/test-user.ts'

let polkit: Daemons
let folder: string

/** Opens a URI and tells on one line what came of it, as JSON. */
const PROGRAM = `
import { Connection, Session, toAppError } from './app-main/src/libvirt/index.ts'
const [how, uri] = process.argv.slice(2)
const tell = value => console.log(JSON.stringify(value))
if (how === 'session') {
  const session = new Session(uri, { onUp: async () => undefined })
  session.open()
  await session.settled()
  tell({ state: session.status.state, readOnly: session.status.readOnly, error: session.status.error })
  session.dispose()
} else {
  try {
    const connection = await Connection.open(uri, { readOnly: how === 'read-only' })
    tell({ uri: await connection.node.getUri(), domains: (await connection.domain.listAll()).length, by: connection.description })
    await connection.close()
  } catch (error) {
    tell({ error: toAppError(error) })
  }
}
`

beforeAll(async () => {
  polkit = await ensurePolkit()
  // Other users may not read this checkout: they get a copy of the client and of node.
  folder = await mkdtemp(join(tmpdir(), 'vt-access-'))
  await build({
    stdin: { contents: PROGRAM, resolveDir: join(import.meta.dirname, '../..') },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: join(folder, 'program.mjs'),
    logLevel: 'error',
  })
  await copyFile(process.execPath, join(folder, 'node'))
  await chmod(folder, 0o755)
  await chmod(join(folder, 'node'), 0o755)
})

afterAll(async () => {
  await polkit.stop()
  await rm(folder, { recursive: true, maxRetries: 5 })
})

const as = async (user: TestUser, how: 'open' | 'read-only' | 'session', uri: string): Promise<unknown> => {
  const [command, ...args] = user.prefix
  const program = [join(folder, 'node'), join(folder, 'program.mjs'), how, uri]
  return JSON.parse(await run(command, [...args, ...program], { env: { ...user.env, PATH: process.env.PATH ?? '' } }))
}

test('outside the group: full access is refused with the action and the fix, looking is allowed', async () => {
  await using user = await testUser()
  expect(await as(user, 'open', 'qemu:///system')).toMatchObject({
    error: {
      kind: 'permission',
      action: 'org.libvirt.unix.manage',
      fix: [`sudo usermod -aG libvirt ${user.name}`],
      hint: expect.stringContaining('log in again'),
    },
  })
  expect(await as(user, 'read-only', 'qemu:///system')).toMatchObject({ uri: 'qemu:///system' })
})

test('outside the group a session only looks, without asking anybody', async () => {
  await using user = await testUser()
  expect(await as(user, 'session', 'qemu:///system')).toEqual({ state: 'ready', readOnly: true, error: null })
})

test('inside the group a session has full access, without asking anybody', async () => {
  await using user = await testUser(['libvirt'])
  expect(await as(user, 'session', 'qemu:///system')).toEqual({ state: 'ready', readOnly: false, error: null })
})

test("a user's own daemon is started when it does not run", async () => {
  await using user = await testUser()
  const socket = join(user.env.XDG_RUNTIME_DIR ?? '', 'libvirt/libvirt-sock')
  expect(existsSync(socket)).toBe(false)
  expect(await as(user, 'open', 'qemu:///session')).toEqual({ uri: 'qemu:///session', domains: 0, by: socket })
  expect(await as(user, 'open', 'test:///default')).toMatchObject({ domains: 1, by: socket })
})
