import { readFile, rm, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'

const URI = 'qemu:///system'

describe('vireo with a real machine', () => {
  let vireo: Cli
  let machine: TestDomain
  beforeEach(async () => {
    vireo = await cli()
    machine = await testDomain({ kind: 'blank', prefix: 't-dispatch', start: false })
  })
  afterEach(async () => {
    await machine.dispose()
    await vireo[Symbol.asyncDispose]()
  })
  const run = (...args: string[]) => vireo.run([...args, '-c', URI])
  const state = async () => {
    const { out } = await run('info', '--json', machine.name)
    return (JSON.parse(out) as { state: string }).state
  }

  it('leads it through its life', async () => {
    const { name, uuid } = machine
    expect(await run('start', name)).toMatchObject({ code: 0, out: '', err: '' })
    expect(await run('start', uuid)).toMatchObject({ code: 1, err: expect.stringContaining('already running') })
    expect(await run('suspend', uuid.toUpperCase())).toMatchObject({ code: 0 })
    expect(await state()).toBe('paused')
    expect(await vireo.run(['resume', `${uuid}@${URI}`])).toMatchObject({ code: 0 })
    expect(await run('save', name)).toMatchObject({ code: 0 })
    expect(await state()).toBe('saved')
    expect(await run('discard-save', name)).toMatchObject({ code: 0 })
    const started = await run('start', name, '--paused', '--json')
    expect(JSON.parse(started.out)).toMatchObject({ state: 'done', targetName: name })
    expect(await run('autostart', name)).toMatchObject({ code: 0 })
    expect(await machine.virsh('dominfo')).toMatch(/Autostart: +enable/)
    expect(await run('autostart', name, '--no-enabled')).toMatchObject({ code: 0 })
    expect(await machine.virsh('dominfo')).toMatch(/Autostart: +disable/)
    expect(await run('destroy', name)).toMatchObject({ code: 0 })
    expect(await machine.state()).toBe('shut off')
    expect(await run('undefine', name, '--storage', 'keep', '--nvram', 'keep')).toMatchObject({ code: 0 })
    expect(await run('info', name)).toMatchObject({ code: 3 })
  })

  it('says how to go on when the guest ignores its power button', async () => {
    await machine.start()
    const outcome = await run('shutdown', machine.name, '--mode', 'acpi', '--timeout-seconds', '2')
    expect(outcome).toMatchObject({ code: 6, err: expect.stringContaining(`vireo destroy ${machine.name}`) })
    expect(await machine.state()).toBe('running')
  })

  it('takes a picture, whole or not at all', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'shot-'))
    const file = join(folder, 'a.png')
    expect(await run('screenshot', machine.name, '-o', file)).toMatchObject({ code: 1, out: '' })
    await expect(readFile(file)).rejects.toThrow('ENOENT')
    await machine.start()
    expect(await run('screenshot', machine.name, '-o', file)).toMatchObject({ code: 0, out: `${file}\n` })
    expect((await readFile(file)).subarray(0, 8).toString('latin1')).toBe('\u0089PNG\r\n\u001a\n')
    await rm(folder, { recursive: true, maxRetries: 5 })
  })
})

describe('vireo console', () => {
  it('carries both directions through a pipe and ends with it', async () => {
    await using vireo = await cli()
    await using machine = await testDomain({ prefix: 't-dispatch' })
    await machine.ready()
    const outcome = await vireo.run(['console', machine.name, '-c', URI], 'echo six-$((2 * 3))\n')
    expect(outcome).toMatchObject({ code: 0, out: expect.stringContaining('six-6') })
    expect(outcome.err).toContain('Ctrl+] leaves')
    const left = await vireo.run(['console', machine.name, '-c', URI], 'echo never\u001decho after\n')
    expect(left).toMatchObject({ code: 0, out: expect.not.stringContaining('after') })
  })
})
