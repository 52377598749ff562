import { createHash, randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { finished, pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Connection, constants, isBusyStream, type DomainRef } from '../../app-main/src/libvirt/index.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'

let connection: Connection
let machine: TestDomain
let domain: DomainRef

beforeAll(async () => {
  machine = await testDomain({ prefix: 't-client', kind: 'blank' })
  connection = await Connection.open('qemu:///system')
  domain = await connection.domain.lookupByUuid(machine.uuid)
})

afterAll(async () => {
  await connection.close()
  await machine.dispose()
})

test("a screen's descriptor leads straight to QEMU's VNC server", async () => {
  const socket = await connection.domain.openGraphicsFd(domain)
  if (!socket) throw new Error('this runtime cannot receive descriptors')
  const [banner] = (await socket.take(1).toArray()) as Buffer[]
  expect(String(banner)).toBe('RFB 003.008\n')
})

test('a screenshot is a whole picture', async () => {
  const { mime, stream } = await connection.domain.screenshot(domain)
  const picture = await buffer(stream)
  expect(mime).toBe('image/png')
  expect(picture.subarray(1, 4).toString()).toBe('PNG')
  expect(picture.subarray(-8, -4).toString()).toBe('IEND')
})

test('a console is exclusive, can be taken over, and is free again when closed', async () => {
  const first = await connection.domain.openConsole(domain)
  const refused = await failure(connection.domain.openConsole(domain))
  expect(isBusyStream(refused)).toBe(true)

  const lost = failure(finished(first.resume()))
  const second = await connection.domain.openConsole(domain, undefined, constants.VIR_DOMAIN_CONSOLE_FORCE)
  expect(await lost).toMatchObject({ name: 'LibvirtError', message: 'stream had I/O failure' })
  const closed = new Promise(resolve => second.once('close', resolve))
  second.destroy()
  await closed
  const third = await connection.domain.openConsole(domain)
  third.destroy()
})

test('a machine that disappears ends its console', async () => {
  await using other = await testDomain({ prefix: 't-client', kind: 'blank' })
  const stream = await connection.domain.openConsole(await connection.domain.lookupByUuid(other.uuid))
  const ended = finished(stream.resume()).then(
    () => 'ended',
    () => 'failed',
  )
  await other.destroy()
  expect(['ended', 'failed']).toContain(await ended)
})

test('a volume comes back as it was sent', async () => {
  await using daemon = await privateDaemon()
  const session = await Connection.open(daemon.uri)
  const folder = await mkdtemp(join(tmpdir(), 'vt-pool-'))
  try {
    await chmod(folder, 0o777)
    const pool = await session.storagePool.defineXml(
      `<pool type='dir'><name>p</name><target><path>${folder}</path></target></pool>`,
    )
    await session.storagePool.create(pool)
    const data = randomBytes(3_000_000)
    const volume = await session.storageVolume.createXml(
      pool,
      `<volume><name>v</name><capacity unit='bytes'>${data.length}</capacity><target><format type='raw'/></target></volume>`,
    )
    await pipeline(Readable.from([data]), await session.storageVolume.upload(volume))
    const back = await buffer(await session.storageVolume.download(volume))
    expect(digest(back)).toBe(digest(data))
    expect(await session.storageVolume.lookupByPath(join(folder, 'v'))).toEqual(volume)
    expect(await session.storageVolume.getInfo(volume)).toMatchObject({ capacity: data.length })
    await session.storageVolume.delete(volume)
    expect(await session.storagePool.listAllVolumes(pool)).toEqual([])
  } finally {
    await session.close()
    await rm(folder, { recursive: true, maxRetries: 5 })
  }
})

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it should have failed')
    },
    (error: unknown) => error,
  )

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
