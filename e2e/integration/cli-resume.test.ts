/** Copies that were interrupted go on where they were: through the Vireo agent in a machine. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { HypervisorConnection } from '../../app-main/src/hypervisor/driver.ts'
import { discoverOnce, vireoDialect, type GuestAgent } from '../../guest-agent-bridge/src/host/index.ts'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { asking, execText, guestLink, openConnection } from '../fixture/guest-link.ts'
import { cliProgram } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'

const URI = 'qemu:///system'
/** The guest computes by software emulation. */
const SLOW = 120_000
const MEBIBYTE = 1024 * 1024
/** So much has come before the copy is interrupted. */
const ENOUGH = 256 * 1024

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

describe('vireo cp that was interrupted', () => {
  let vireo: Cli
  let machine: TestDomain
  let connection: HypervisorConnection
  let agent: GuestAgent
  const bytes = randomBytes(3 * MEBIBYTE)
  const here = (name: string) => join(vireo.env['HOME'] ?? '', name)
  const cp = (...words: readonly string[]) => vireo.run(['cp', ...words, '-c', URI])
  const sumInGuest = async (path: string) => (await execText(agent, { args: ['sha256sum', path] })).stdout.slice(0, 64)

  beforeAll(async () => {
    vireo = await cli()
    // Processes of one person share a machine's channels there.
    vi.stubEnv('XDG_RUNTIME_DIR', vireo.env['XDG_RUNTIME_DIR'])
    machine = await testDomain({ prefix: 't-files', kind: 'agent' })
    connection = await openConnection(URI)
    agent = await until(
      'the agent in the guest',
      async () => {
        const link = guestLink(connection, machine.uuid)
        const found = await discoverOnce(link, { dialects: [vireoDialect], ...asking })
        return found.answering[0]
      },
      SLOW,
    )
  }, SLOW)
  afterAll(async () => {
    agent?.close()
    connection?.dispose()
    await machine?.dispose()
    vi.unstubAllEnvs()
    await vireo[Symbol.asyncDispose]()
  })

  /** Copies until `grown` says that there is enough, and presses Ctrl+C. */
  const interrupted = async (words: readonly string[], grown: () => Promise<number>) => {
    const child = spawn(process.execPath, [cliProgram, 'cp', ...words, '-c', URI], {
      env: { ...process.env, ...vireo.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let err = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    const ended = new Promise<number | null>(resolve => child.once('close', resolve))
    const underWay = async () => child.exitCode !== null || (await grown()) > ENOUGH || undefined
    await until('the copy to be under way', underWay, SLOW)
    child.kill('SIGINT')
    const code = await ended
    expect(code, err).toBe(130)
    return err
  }
  const inGuest = async () =>
    (await agent.list('/tmp', asking)).find(({ name }) => name.endsWith('.part'))?.sizeBytes ?? 0

  it('goes on with an upload by the same command, and the whole arrives', { timeout: SLOW }, async () => {
    await writeFile(here('big'), bytes, { mode: 0o640 })
    const words = [here('big'), `${machine.name}:/tmp/big`]
    const first = await interrupted(words, inGuest)
    expect(first).toContain('the same command goes on')
    expect((await agent.list('/tmp', asking)).map(({ name }) => name)).not.toContain('big')
    const second = await cp(...words)
    expect(second).toMatchObject({ code: 0, err: expect.stringMatching(/goes on after [\d.]+ [KM]iB/) })
    expect(await sumInGuest('/tmp/big')).toBe(sha256(bytes))
    expect(await agent.stat('/tmp/big', asking)).toMatchObject({ mode: 0o640, sizeBytes: bytes.length })
    expect(await inGuest()).toBe(0)
  })

  it('begins an upload anew when the file is not the same any more', { timeout: SLOW }, async () => {
    await writeFile(here('changing'), bytes)
    const words = [here('changing'), `${machine.name}:/tmp/changing`]
    await interrupted(words, inGuest)
    const other = randomBytes(100_000)
    await writeFile(here('changing'), other)
    const second = await cp(...words)
    expect(second.code, second.err).toBe(0)
    expect(second.err).not.toContain('goes on')
    expect(await sumInGuest('/tmp/changing')).toBe(sha256(other))
    await execText(agent, { shell: 'rm -f /tmp/changing /tmp/.vireo-*.part' })
  })

  it('goes on with a download, and begins anew when the guest’s file changed', { timeout: SLOW }, async () => {
    const part = async () => (await readdir(here('.'))).find(name => name.endsWith('.vireo-part'))
    const partSize = async () => {
      const name = await part()
      return name === undefined ? 0 : (await stat(here(name))).size
    }
    const words = [`${machine.name}:/tmp/big`, here('back')]
    const first = await interrupted(words, partSize)
    expect(first).toContain('the same command goes on')
    const second = await cp(...words)
    expect(second).toMatchObject({ code: 0, err: expect.stringMatching(/goes on after [\d.]+ [KM]iB/) })
    expect(sha256(await readFile(here('back')))).toBe(sha256(bytes))

    await interrupted([words[0] ?? '', here('again')], partSize)
    await execText(agent, { shell: 'printf changed | dd of=/tmp/big conv=notrunc bs=1 2>/dev/null; sleep 0.01' })
    const third = await cp(words[0] ?? '', here('again'))
    expect(third.code, third.err).toBe(0)
    expect(third.err).not.toContain('goes on')
    expect((await readFile(here('again'))).subarray(0, 7).toString()).toBe('changed')
    expect(await part()).toBeUndefined()
  })

  it('copies a folder again without what is there already', { timeout: SLOW }, async () => {
    await execText(agent, { shell: 'mkdir -p /tmp/tree/in && echo one >/tmp/tree/in/a && echo two >/tmp/tree/b' })
    await mkdir(here('into'))
    const down = ['-r', `${machine.name}:/tmp/tree`, here('into')]
    expect(await cp(...down)).toMatchObject({ code: 0 })
    await execText(agent, { shell: 'echo three >/tmp/tree/c' })
    expect(await cp(...down)).toMatchObject({ code: 0 })
    expect((await readdir(here('into/tree'))).toSorted()).toEqual(['b', 'c', 'in'])
    await execText(agent, { shell: 'echo six >/tmp/tree/c' })
    expect(await cp(...down)).toMatchObject({ code: 1, err: expect.stringContaining('is there already') })
    expect(await readFile(here('into/tree/c'), 'utf8')).toBe('three\n')

    const up = ['-r', here('into'), `${machine.name}:/tmp`]
    expect(await cp(...up)).toMatchObject({ code: 0 })
    await writeFile(here('into/tree/d'), 'four')
    expect(await cp(...up)).toMatchObject({ code: 0, err: expect.stringContaining('there already') })
    expect((await agent.list('/tmp/into/tree', asking)).map(({ name }) => name).toSorted()).toEqual([
      'b',
      'c',
      'd',
      'in',
    ])
  })
})
