import { expect, it } from 'vitest'
import { ConnectionUri, domainId, ForwardId, RemoteError, type Forward } from '../../contract/index.ts'
import { checkPorts, leadPorts, type PortDesk } from './lead-ports.ts'
import { UndoStack } from './undo-stack.ts'

const id = domainId('5c2b7b6e-3f3d-4a57-9a0f-6a2a2f1f8a11', ConnectionUri.parse('qemu:///system'))
const led = [22, 80].map(port => ({ port: port + 8000, guestPort: port, guestAddress: null }))
const operation = { signal: new AbortController().signal, progress: () => undefined }

/** Refuses one port, and knows of the forwards that it holds. */
const desk = (refused = 0) => {
  const held = new Map<ForwardId, number>()
  const check = async (port: number) => {
    if (port === refused) throw new RemoteError({ kind: 'precondition', message: `${port} is taken` })
  }
  const ports: PortDesk = {
    check: ({ port }) => check(port),
    add: async ({ port }) => {
      await check(port)
      const forward = ForwardId.parse(String(port).padStart(8, '0'))
      held.set(forward, port)
      return { id: forward } as Forward
    },
    remove: async forward => {
      if (!held.delete(forward)) throw new RemoteError({ kind: 'not-found', message: 'gone' })
    },
  }
  return { held, ports }
}

it('leads every port in, and none when the machine is undone', async () => {
  const { held, ports } = desk()
  const undo = new UndoStack()
  await leadPorts(ports, id, led, undo, operation)
  expect([...held.values()]).toEqual([8022, 8080])
  // Somebody was quicker.
  held.delete(ForwardId.parse('00008022'))
  expect(await undo.unwind()).toEqual([])
  expect(held.size).toBe(0)
})

it('takes back those before one that cannot be', async () => {
  const { held, ports } = desk(8080)
  await expect(checkPorts(ports, led)).rejects.toThrow('8080 is taken')
  const undo = new UndoStack()
  await expect(leadPorts(ports, id, led, undo, operation)).rejects.toThrow('8080 is taken')
  expect(held.size).toBe(1)
  expect(await undo.unwind()).toEqual([])
  expect(held.size).toBe(0)
})

it('stops between two ports when it is cancelled', async () => {
  const { held, ports } = desk()
  const stopped = { ...operation, signal: AbortSignal.abort() }
  await expect(leadPorts(ports, id, led, new UndoStack(), stopped)).rejects.toThrow('aborted')
  expect(held.size).toBe(0)
})
