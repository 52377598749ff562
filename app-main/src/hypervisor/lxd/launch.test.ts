import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { Launch, RemoteError, type ConnectionUri } from '../../contract/index.ts'
import { fakeInstance, fakeLxd, json, refuse, sync, uuidOf, type FakeLxd } from '../../lxd/testing/fake-lxd.ts'
import { unattended } from '../waiting.ts'
import type { LxdConnection } from './connection.ts'
import { LxdDriver } from './driver.ts'
import { importFile } from './image-file.ts'
import { requestOf, sourceOf } from './launch.ts'
import { sizeOf } from './limits.ts'

let fake: FakeLxd
let connection: LxdConnection
beforeEach(async () => {
  fake = await fakeLxd()
  connection = new LxdDriver().create(fake.uri as ConnectionUri)
  connection.open()
  await connection.settled()
})
afterEach(async () => {
  connection.dispose()
  await fake[Symbol.asyncDispose]()
})

const ID = '11111111-2222-4333-8444-555555555555'
const WAIT = `GET /1.0/operations/${ID}/wait`
const wish = (part: object = {}) => Launch.parse({ connection: fake.uri, image: 'micro', name: 'web', ...part })
const operation = (facts: object) => ({ id: ID, class: 'task', status_code: 103, may_cancel: true, err: '', ...facts })
const ends = (facts: object = {}) => sync(operation({ status_code: 200, ...facts }))
const kind = (word: string) => expect.objectContaining({ detail: expect.objectContaining({ kind: word }) })

/** LXD makes what it is asked for; `before` it answers. */
const makes = (facts: Record<string, unknown> = {}, before: () => void = () => undefined) =>
  fake.answers.set('POST /1.0/instances', (response, sent) => {
    let body = ''
    sent.on('data', (bytes: Buffer) => (body += bytes.toString()))
    sent.on('end', () => {
      const { config } = z.object({ config: z.record(z.string(), z.string()) }).parse(JSON.parse(body))
      const whole = { ...config, 'volatile.uuid': uuidOf('web') }
      fake.instances.set('web', fakeInstance('web', { config: whole, expanded_config: whole, ...facts }))
      before()
      json({ type: 'async', metadata: operation({}) })(response)
    })
  })
const removes = () =>
  fake.answers.set('DELETE /1.0/instances/web', response => {
    fake.instances.delete('web')
    json({ type: 'sync', metadata: null })(response)
  })

it('tells local images, servers and fingerprints apart, and knows no others', () => {
  expect(sourceOf('my image', 'lxd')).toEqual({ type: 'image', alias: 'my image' })
  expect(sourceOf('0123456789ab', 'lxd')).toEqual({ type: 'image', fingerprint: '0123456789ab' })
  const pulled = { type: 'image', mode: 'pull', protocol: 'simplestreams', alias: 'debian/12' }
  expect(sourceOf('images:debian/12', 'lxd')).toMatchObject(pulled)
  expect(sourceOf('images:debian/12', 'incus')).toMatchObject(pulled)
  for (const image of ['constructor:x', 'evil:x', 'https://evil/x'])
    expect(() => sourceOf(image, 'lxd')).toThrow('no image server')
  expect(() => sourceOf('ubuntu:24.04', 'incus')).toThrow('no image server')
})

it('asks for what is wished and leaves the rest to the profiles', () => {
  expect(requestOf(wish(), { type: 'image' }, null)).toEqual({
    ...{ name: 'web', type: 'container', source: { type: 'image' }, profiles: ['default'], config: {}, devices: {} },
  })
  const all = {
    vm: true,
    profiles: 'a,b',
    cpus: 2,
    memory: '512MiB',
    disk: '4GiB',
    network: 'br0',
    autostart: true,
    nesting: true,
  }
  expect(requestOf(wish(all), { type: 'image' }, { type: 'disk', path: '/', pool: 'p' })).toEqual({
    ...{ name: 'web', type: 'virtual-machine', source: { type: 'image' }, profiles: ['a', 'b'] },
    config: { 'limits.cpu': '2', 'limits.memory': '512MiB', 'boot.autostart': 'true', 'security.nesting': 'true' },
    devices: {
      eth0: { type: 'nic', name: 'eth0', network: 'br0' },
      root: { type: 'disk', path: '/', pool: 'p', size: '4GiB' },
    },
  })
})

it('takes no name, size or profile that is none', () => {
  for (const name of ['', '-a', '9', 'a-', 'a/b', '../a', 'a b', 'ä', 'a'.repeat(64), 'a\n'])
    expect(Launch.safeParse({ ...wish(), name }).success, name).toBe(false)
  for (const memory of ['', '-1', '1e9', '5 GiB', '0', '10%', '4', '512B', '512kiB', '512KB', '1gb', '1PiB', '1MiBx'])
    expect(Launch.safeParse({ ...wish(), memory }).success, memory).toBe(false)
  for (const memory of ['1kB', '1KiB', '1MB', '1MiB', '1GB', '1GiB', '1TB', '1TiB']) {
    expect(Launch.safeParse({ ...wish(), memory }).success, memory).toBe(true)
    expect(sizeOf(memory), memory).not.toBeNull()
  }
  for (const profiles of ['a b', '../x', 'a"b'])
    expect(Launch.safeParse({ ...wish(), profiles }).success, profiles).toBe(false)
  for (const network of ['', 'a b', '../br0', 'br0;reboot', '$(id)', `br0'`, 'br0"', 'br%d', 'a\n', 'x'.repeat(65)])
    expect(Launch.safeParse({ ...wish(), network }).success, network).toBe(false)
  expect(Launch.safeParse({ ...wish(), image: 'a\u0000b' }).success).toBe(false)
})

it.each(['a', 'Z', 'a--b', 'x'.repeat(63), `abcdefghijklmnopqrstuvwxyz-0123456789`, `ABCDEFGHIJKLMNOPQRSTUVWXYZ-9`])(
  'takes the name %s, and reaches the machine by it',
  async name => {
    expect(Launch.safeParse({ ...wish(), name }).success).toBe(true)
    fake.instances.set(name, fakeInstance(name))
    fake.answers.set(`GET /1.0/instances/${name}/snapshots`, sync([{ name: `${name}/s`, created_at: '' }]))
    fake.tell('instance-created', name)
    await vi.waitFor(() => expect([...connection.domains.values()]).toMatchObject([{ name }]))
    const { signal } = new AbortController()
    const [key = ''] = connection.domains.keys()
    expect(await connection.instances.snapshots(key, signal)).toMatchObject([{ name: 's' }])
  },
)

it('makes and starts a machine, and tells its key when the list shows it', async () => {
  makes()
  fake.answers.set(WAIT, ends())
  fake.answers.set('PUT /1.0/instances/web/state', json({ type: 'async', metadata: operation({}) }))
  expect(await connection.instances.launch(wish(), unattended())).toBe(uuidOf('web'))
  expect(connection.domains.get(uuidOf('web'))).toMatchObject({ name: 'web', state: 'running' })
})

it('refuses a name that is taken, and touches nobody', async () => {
  fake.instances.set('web', fakeInstance('web'))
  await expect(connection.instances.launch(wish(), unattended())).rejects.toEqual(kind('precondition'))
  expect(fake.asked.filter(one => !one.startsWith('GET') && !one.startsWith('SOCKET'))).toEqual([])
})

it('says what LXD refused, and takes away nothing that it did not make', async () => {
  fake.answers.set('POST /1.0/instances', refuse(400, 'Failed creating: already exists'))
  await expect(connection.instances.launch(wish(), unattended())).rejects.toEqual(kind('invalid-input'))
  fake.answers.set('POST /1.0/instances', json({ type: 'async', metadata: operation({}) }))
  fake.answers.set(WAIT, ends({ status_code: 400, err: 'No such image' }))
  await expect(connection.instances.launch(wish(), unattended())).rejects.toThrow('No such image')
  expect(fake.asked.filter(one => one.startsWith('DELETE'))).toEqual([])
})

it('takes away what a cancelled launch made', async () => {
  makes()
  const stop = new AbortController()
  fake.answers.set(WAIT, response => {
    if (stop.signal.aborted) ends({ status_code: 401 })(response, Object.create(null) as never)
    else stop.abort(new RemoteError({ kind: 'cancelled', message: 'Enough.' }))
  })
  removes()
  const cancelled = connection.instances.launch(wish(), { signal: stop.signal, progress: () => undefined })
  await expect(cancelled).rejects.toEqual(kind('cancelled'))
  expect(fake.asked).toContain(`DELETE /1.0/operations/${ID}`)
  expect(fake.instances.size).toBe(0)
})

it('takes away what LXD was just asked for when somebody gave up', async () => {
  const stop = new AbortController()
  // LXD answers only when nobody wants it any more.
  makes({}, () => stop.abort(new RemoteError({ kind: 'cancelled', message: 'Enough.' })))
  fake.answers.set(WAIT, ends({ status_code: 401 }))
  removes()
  const cancelled = connection.instances.launch(wish(), { signal: stop.signal, progress: () => undefined })
  await expect(cancelled).rejects.toEqual(kind('cancelled'))
  expect(fake.instances.size).toBe(0)
})

it('leaves the machine of somebody else who took the name meanwhile', async () => {
  const stop = new AbortController()
  fake.answers.set('POST /1.0/instances', json({ type: 'async', metadata: operation({}) }))
  fake.answers.set(WAIT, response => {
    fake.instances.set('web', fakeInstance('web', { config: { 'user.vireo.launch': 'another' } }))
    if (stop.signal.aborted) ends({ status_code: 400, err: 'exists' })(response, Object.create(null) as never)
    else stop.abort(new RemoteError({ kind: 'cancelled', message: 'Enough.' }))
  })
  removes()
  const cancelled = connection.instances.launch(wish(), { signal: stop.signal, progress: () => undefined })
  await expect(cancelled).rejects.toEqual(kind('cancelled'))
  expect([...fake.instances.keys()]).toEqual(['web'])
  expect(fake.asked.filter(one => one.startsWith('PUT') || one.startsWith('DELETE /1.0/instances'))).toEqual([])
})

it('leaves an image in the store for as long as another launch needs it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'image-'))
  const path = join(folder, 'image.tar.gz')
  await writeFile(path, 'content')
  const print = 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73'
  const image = `/1.0/images/${print}`
  fake.answers.set(`GET ${image}`, refuse(404, 'not found'))
  fake.answers.set('POST /1.0/images', (response, sent) =>
    sent.resume().on('end', () => json({ type: 'sync', metadata: null })(response)),
  )
  fake.answers.set(`DELETE ${image}`, json({ type: 'sync', metadata: null }))
  const place = { uri: fake.uri, path }
  const gone = () => fake.asked.filter(one => one === `DELETE ${image}`)
  try {
    const first = await importFile(connection.client(), place, unattended())
    fake.answers.set(`GET ${image}`, sync({}))
    const second = await importFile(connection.client(), place, unattended())
    await first.release()
    expect(gone()).toEqual([])
    await second.release()
    expect(gone()).toHaveLength(1)
    // One that was there before stays.
    const third = await importFile(connection.client(), place, unattended())
    await third.release()
    expect(gone()).toHaveLength(1)
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('hands an image file over once, and takes it out of the store again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'image-'))
  const image = join(folder, 'an image.tar.gz')
  await writeFile(image, 'content')
  const print = 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73'
  let got = ''
  fake.answers.set(`GET /1.0/images/${print}`, refuse(404, 'not found'))
  fake.answers.set('POST /1.0/images', (response, sent) => {
    sent.on('data', (bytes: Buffer) => (got += bytes.toString()))
    sent.on('end', () => json({ type: 'async', metadata: operation({}) })(response))
  })
  makes({ status_code: 102 })
  fake.answers.set(WAIT, ends())
  try {
    await connection.instances.launch(wish({ image, start: false }), unattended())
    expect(got).toBe('content')
    expect(fake.asked).toContain(`DELETE /1.0/images/${print}`)
    const none = connection.instances.launch(wish({ image: join(folder, 'none'), name: 'other' }), unattended())
    await expect(none).rejects.toEqual(kind('not-found'))
  } finally {
    await rm(folder, { recursive: true })
  }
})

it('leaves out of its lists what is none of the kind', async () => {
  const { signal } = new AbortController()
  const good = { fingerprint: 'a'.repeat(64), aliases: null, properties: null, size: 5, type: 'strange' }
  fake.answers.set('GET /1.0/images', sync([null, 7, { fingerprint: '../x' }, good]))
  expect(await connection.instances.images(signal)).toEqual([
    expect.objectContaining({
      fingerprint: good.fingerprint,
      aliases: [],
      description: '',
      type: 'container',
      bytes: 5,
    }),
  ])
  fake.answers.set('GET /1.0/storage-pools', sync([{ name: 'p', driver: 'dir', status: 'Created' }]))
  expect(await connection.instances.pools(signal)).toEqual([
    { name: 'p', driver: 'dir', status: 'Created', totalBytes: null, usedBytes: null },
  ])
  const volume = { name: 'data', type: 'custom', content_type: 'filesystem', used_by: ['/1.0/instances/c1'] }
  fake.answers.set('GET /1.0/storage-pools/p/volumes', sync([volume, { name: 5 }]))
  expect(await connection.instances.volumes(signal)).toEqual([
    { pool: 'p', name: 'data', type: 'custom', content: 'filesystem', usedBy: 1 },
  ])
  fake.answers.set('GET /1.0/profiles', sync(null))
  expect(await connection.instances.profiles(signal)).toEqual([])
  fake.answers.set('GET /1.0/networks', sync('nonsense'))
  await expect(connection.instances.networks(signal)).rejects.toEqual(kind('connection'))
})
