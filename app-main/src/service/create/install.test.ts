import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectionUri, CreateDraft, RemoteError } from '../../contract/index.ts'
import { sampleHost } from '../../hypervisor/kvm/testing/creation-samples.ts'
import type { Creation } from '../../hypervisor/creation.ts'
import { decide } from './decide.ts'
import { expectationOf } from './boot-expectation.ts'
import { makeMachine, type Making } from './make.ts'
import { planOf } from './plan.ts'
import { NO_HOLD } from './source.ts'
import type { Surroundings } from './surroundings.ts'
import { UndoStack } from './undo-stack.ts'

const run = promisify(execFile)
const operation = { signal: new AbortController().signal, progress: () => undefined }

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-test-install-'))
  await mkdir(join(folder, 'tree/install.amd'), { recursive: true })
  await writeFile(join(folder, 'tree/install.amd/vmlinuz'), 'kernel')
  await writeFile(join(folder, 'tree/install.amd/initrd.gz'), 'ramdisk1')
  await run('xorriso', ['-as', 'mkisofs', '-quiet', '-R', '-o', join(folder, 'a.iso'), join(folder, 'tree')])
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Notes what is done, in its order; `fails` names the step that does not work. */
const bench = (fails = '') => {
  const steps: string[] = []
  const step = async (what: string) => {
    steps.push(what)
    if (what === fails) throw new RemoteError({ kind: 'precondition', message: `${what} fails` })
  }
  const around: Surroundings = {
    host: sampleHost(),
    pool: { name: 'default', path: '/pool', availableBytes: 2 ** 40, folder: true, active: true },
    source: {
      ...{ kind: 'iso', path: join(folder, 'a.iso'), bytes: 1, osId: 'http://debian.org/debian/12', wishes: null },
    },
    ...{ copy: null, direct: true, kvmWorks: false, agentThere: false },
  }
  const uuid = '5c2b7b6e-3f3d-4a57-9a0f-6a2a2f1f8a11'
  const draft = CreateDraft.parse({ source: 'x', name: 'web', unattended: true, sshKeys: [] })
  const decided = decide(draft, around, { uuid, screenPassword: 'secret12', mac: () => '52:54:00:00:00:01' })
  const undo = new UndoStack()
  const making: Making = {
    connection: {
      uri: ConnectionUri.parse('qemu:///system'),
      definition: { define: async xml => step(`define ${xml}`).then(() => uuid) },
      lifecycle: { start: () => step('start'), autostart: () => step('autostart') },
    },
    creation: {
      xml: ({ install }) => (install ? `installer from ${install.kernel}` : 'system'),
      volume: async () => undefined,
      createVolume: async ({ name }) => step(`make ${name}`).then(() => name),
      upload: (_pool, name) => step(`fill ${name}`),
      removeVolume: (_pool, name) => step(`remove ${name}`),
      discard: () => step('discard'),
      install: (_uuid, xml) => step(`run ${xml}`),
    },
    ...{ hold: NO_HOLD, around, decided, undo, copies: new Map(), agentFiles: async () => [], start: true },
    ...{ autostart: false, defined: () => step('defined') },
  }
  return { steps, undo, around, decided, make: () => makeMachine(making, operation) }
}

const KERNEL = 'web-5c2b7b6e-kernel'

describe('a machine whose installer is answered', () => {
  it('is defined, installed, rid of its installer, and started', async () => {
    const { steps, make } = bench()
    await make()
    expect(steps.slice(-7)).toEqual([
      'fill web-5c2b7b6e-ramdisk',
      'define system',
      `run installer from /pool/${KERNEL}`,
      `remove ${KERNEL}`,
      'remove web-5c2b7b6e-ramdisk',
      'defined',
      'start',
    ])
    expect(steps).toContain('fill web-5c2b7b6e-seed.iso')
  })

  it('leaves nothing when the installer does not end well', async () => {
    const { steps, undo, make } = bench(`run installer from /pool/${KERNEL}`)
    await expect(make()).rejects.toThrow('fails')
    expect(steps).not.toContain('defined')
    expect(await undo.unwind()).toEqual([])
    for (const name of ['discard', `remove ${KERNEL}`, 'remove web-5c2b7b6e-seed.iso', 'remove web-5c2b7b6e.qcow2'])
      expect(steps).toContain(name)
  })

  it('is waited for like one from an image, because cloud-init was told', () => {
    const { around, decided } = bench()
    expect(expectationOf(around, decided)).toMatchObject({ user: 'debian' })
    expect(expectationOf(around, decided).skipped).not.toHaveProperty('cloud-init')
    expect(decided.warnings.join()).toContain('mirror')
  })
})

it('lets an emulated PC’s late timer be', () => {
  expect(bench().decided.install?.answers.commandLine).toContain('no_timer_check')
})

it('its plan shows what stands on the seed, and what the installer is told', () => {
  const { around, decided } = bench()
  const creation = { xml: () => '<domain/>' } as unknown as Creation
  const draft = CreateDraft.parse({ source: '/a.iso', name: 'web', unattended: true })
  const plan = planOf(creation, around, decided, { uri: ConnectionUri.parse('qemu:///system'), draft })
  expect(plan.answerFile).toContain('d-i passwd/username string debian')
  expect(plan.seed?.networkConfig).toBe('config: disabled\n')
  expect(plan.commands.join('\n')).toMatch(/xorriso -osirrox on .* \/install\.amd\/vmlinuz kernel/)
  expect(plan.file).toContain('unattended: true')
})
