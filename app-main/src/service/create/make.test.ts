import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ConnectionUri, CreateDraft, RemoteError } from '../../contract/index.ts'
import { decide } from './decide.ts'
import { makeMachine, type Making } from './make.ts'
import type { Surroundings } from './surroundings.ts'
import { UndoStack } from './undo-stack.ts'

const GIB = 2 ** 30
const around: Surroundings = {
  host: {
    ...{ local: true, foreignUser: true, arch: 'x86_64', machine: 'q35', emulator: null, kvm: true, maximumCpu: true },
    ...{ hostPassthrough: true, cpus: 8, memoryBytes: 16 * GIB, maxCpus: 255, uefi: true, secureBoot: true, tpm: true },
    ...{ virtioVideo: true, vdagent: false, passt: false, backingStoreInput: true, networks: [] },
  },
  pool: { name: 'default', path: '/pool', availableBytes: 100 * GIB, folder: true, active: true },
  source: {
    ...{ kind: 'image', path: '/cache/base/image.qcow2', format: 'qcow2', bytes: GIB, osId: null },
    ...{ defaultUser: 'debian', firmware: 'any', agents: [], wishes: null },
  },
  ...{ copy: null, direct: true, kvmWorks: true, agentThere: false },
}
const operation = { signal: new AbortController().signal, progress: () => undefined }
const uuid = '5c2b7b6e-3f3d-4a57-9a0f-6a2a2f1f8a11'
const DISK = '/pool/web-5c2b7b6e.qcow2'

/** Notes what is done, in its order; `fails` names the step that does not work. */
const bench = (fails = '', place = around) => {
  const steps: string[] = []
  const step = async (what: string) => {
    steps.push(what)
    if (what === fails) throw new RemoteError({ kind: 'precondition', message: `${what} fails` })
  }
  const undo = new UndoStack()
  const draft = CreateDraft.parse({ source: 'x', name: 'web', start: true, cloudInit: false })
  const making: Making = {
    connection: {
      uri: ConnectionUri.parse('qemu:///system'),
      definition: { define: async () => step('define').then(() => uuid) },
      lifecycle: { start: () => step('start'), autostart: () => step('autostart') },
    },
    creation: {
      xml: () => '<domain/>',
      makeFolderPool: name => step(`pool ${name}`),
      volume: async () => undefined,
      createVolume: async ({ name }) => step(`make ${name}`).then(() => name),
      upload: (_pool, name) => step(`fill ${name}`),
      removeVolume: (_pool, name) => step(`remove ${name}`),
      discard: () => step('discard'),
      install: () => step('install'),
    },
    hold: {
      reserve: (path, user) => step(`reserve ${path} for ${user}`),
      settle: (path, user) => step(`settle ${path} for ${user}`),
    },
    ...{ around: place, undo, copies: new Map(), agentFiles: async () => [], start: true, autostart: false },
    defined: () => step('defined'),
    dropFolderPool: () => step('drop the pool'),
    decided: decide(draft, place, { uuid, screenPassword: 'secret12', mac: () => '52:54:00:00:00:01' }),
  }
  return { steps, undo, make: () => makeMachine(making, operation) }
}

describe('making a machine', () => {
  it('keeps its image before its disk is there, and leaves it to the disk afterwards', async () => {
    const { steps, make } = bench()
    await make()
    const image = '/cache/base/image.qcow2'
    expect(steps.slice(0, 3)).toEqual([
      `reserve ${image} for ${DISK}`,
      'make web-5c2b7b6e.qcow2',
      `settle ${image} for ${DISK}`,
    ])
  })

  it('makes the pool of a folder first, and drops it last when that fails and it was not there', async () => {
    for (const [forFolder, dropped] of [
      ['new', ['drop the pool']],
      ['there', []],
    ] as const) {
      const { steps, undo, make } = bench('make web-5c2b7b6e.qcow2', { ...around, pool: { ...around.pool, forFolder } })
      await expect(make()).rejects.toThrow('fails')
      expect(steps[0]).toBe('pool default')
      await undo.unwind()
      expect(steps.slice(steps.indexOf('remove web-5c2b7b6e.qcow2') + 2)).toEqual(dropped)
    }
  })

  it('counts as made as soon as it is defined', async () => {
    const { steps, make } = bench('start')
    await expect(make()).rejects.toThrow('start fails')
    expect(steps.slice(-3)).toEqual(['define', 'defined', 'start'])
  })

  it('leaves a whole copy of its image to others when it fails, and no half of one', async () => {
    const path = fileURLToPath(import.meta.url)
    const copied = { ...around, source: { ...around.source, path }, copy: { name: 'copy.qcow2', bytes: 10 } }
    const whole = bench('define', copied)
    await expect(whole.make()).rejects.toThrow('define fails')
    expect(await whole.undo.unwind()).toEqual([])
    expect(whole.steps).toContain('fill copy.qcow2')
    expect(whole.steps).not.toContain('remove copy.qcow2')
    const half = bench('fill copy.qcow2', copied)
    await expect(half.make()).rejects.toThrow('fill copy.qcow2 fails')
    expect(half.steps.at(-1)).toBe('remove copy.qcow2')
  })

  it('no longer keeps the image when it fails', async () => {
    const { steps, undo, make } = bench('make web-5c2b7b6e.qcow2')
    await expect(make()).rejects.toThrow('fails')
    expect(await undo.unwind()).toEqual([])
    expect(steps.slice(-2)).toEqual(['remove web-5c2b7b6e.qcow2', `settle /cache/base/image.qcow2 for ${DISK}`])
  })
})
