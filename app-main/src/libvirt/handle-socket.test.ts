import { expect, test, vi } from 'vitest'
import { Connection } from './connection.ts'
import { domainOpenGraphicsFd } from './generated/remote-procedures.ts'
import { handleSocket } from './handle-socket.ts'
import { FakeLibvirtd } from './testing/fake-libvirtd.ts'

const domain = { name: 'vm', uuid: '6695eb01-f6a4-8304-79aa-97f2502e193f', id: 1 }

test.each([
  ['is gone', undefined],
  [
    'refuses',
    () => {
      throw new Error('no such module')
    },
  ],
  ['gives something else', () => ({ Pipe: 'no' })],
])('where the internal %s there is no such socket, and nothing breaks', (_how, binding) => {
  const original: unknown = Reflect.get(process, 'binding')
  Reflect.set(process, 'binding', binding)
  try {
    expect(handleSocket()).toBeUndefined()
  } finally {
    Reflect.set(process, 'binding', original)
  }
})

test('waiting for a descriptor ends with the socket', async () => {
  const carrier = handleSocket()
  if (!carrier) throw new Error('this runtime cannot receive descriptors')
  const waiting = carrier.descriptor()
  carrier.socket.destroy()
  await expect(waiting).rejects.toMatchObject({ trouble: 'lost' })
})

test('over a transport that carries no descriptors the screen has none, and no connection is left behind', async () => {
  const daemon = new FakeLibvirtd().on(domainOpenGraphicsFd, request => request.reply())
  const connection = await Connection.open('qemu:///system', { dial: daemon.dial, keepalive: null })
  expect(await connection.domain.openGraphicsFd(domain)).toBeUndefined()
  await vi.waitFor(() => expect(daemon.client.pipe.readableEnded || daemon.client.pipe.destroyed).toBe(true))
})
