import { expect, test } from 'vitest'
import { createElectronBridge } from './electron-bridge.ts'

const exposed = (answer: (message: unknown) => Promise<unknown>) => {
  const asked: unknown[] = []
  let listener: (event: unknown) => void = () => {}
  return {
    asked,
    fire: (event: unknown) => listener(event),
    value: {
      invoke(message: unknown) {
        asked.push(message)
        return answer(message)
      },
      onEvent: (own: (event: unknown) => void) => void (listener = own),
    },
  }
}

test('a call is one message and its reply is passed on', async () => {
  const { value, asked } = exposed(async () => ({ ok: true, value: 7 }))
  expect(await createElectronBridge(value).invoke('domain', 'list', undefined)).toEqual({ ok: true, value: 7 })
  expect(asked).toEqual([{ kind: 'call', room: 'domain', name: 'list', input: {} }])
})

test('a main process that throws or answers nonsense is a failure as data', async () => {
  const throwing = createElectronBridge(exposed(() => Promise.reject(new Error('gone'))).value)
  expect(await throwing.invoke('a', 'b', {})).toEqual({ ok: false, error: { kind: 'internal', message: 'gone' } })
  const silent = createElectronBridge(exposed(async () => undefined).value)
  expect(await silent.invoke('a', 'b', {})).toMatchObject({ ok: false, error: { kind: 'internal' } })
})

test('events reach subscribers; what is no event is ignored', () => {
  const { value, fire } = exposed(async () => undefined)
  const bridge = createElectronBridge(value)
  const heard: unknown[][] = []
  const dispose = bridge.subscribe((...event) => heard.push(event))
  for (const event of [undefined, 'x', {}, { room: 1, name: 'n', payload: 0 }]) fire(event)
  fire({ room: 'task', name: 'changed', payload: 1 })
  dispose()
  fire({ room: 'task', name: 'changed', payload: 2 })
  expect(heard).toEqual([['task', 'changed', 1]])
})

/** A port whose messages the test carries itself. */
class FakePort extends EventTarget {
  onmessage: ((event: { data: unknown }) => void) | null = null
  readonly sent: unknown[] = []
  closed = false
  postMessage(data: unknown) {
    this.sent.push(data)
  }
  close() {
    this.closed = true
  }
}

const deliver = (data: unknown, port: FakePort, source: unknown = window) =>
  window.dispatchEvent(Object.assign(new Event('message'), { data, ports: [port], source }))

test('a stream is the port that carries its id; a stranger’s port and a surplus one are not', async () => {
  const port = new FakePort()
  const { value } = exposed(async message => {
    const { id } = message as { id: string }
    queueMicrotask(() => {
      deliver({ vireoPort: id }, new FakePort(), {})
      deliver({ vireoPort: id }, port)
      queueMicrotask(() => port.onmessage?.({ data: '{"t":"open"}' }))
    })
    return { ok: true, value: null }
  })
  const stream = await createElectronBridge(value).openStream('domain', 'serial', { id: 'a' })
  await stream.write(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))
  const [sent] = port.sent
  expect(sent).toEqual(Uint8Array.of(2, 3))
  // A clone carries the whole buffer behind a view.
  expect((sent as Uint8Array).buffer.byteLength).toBe(2)
  stream.close()
  expect(port.closed).toBe(true)
  const surplus = new FakePort()
  deliver({ vireoPort: 'nobody asked' }, surplus)
  expect(surplus.closed).toBe(true)
})

test('a refused stream rejects with the reason', async () => {
  const error = { kind: 'busy', message: 'in use', holder: 'x' }
  const { value } = exposed(async () => ({ ok: false, error }))
  await expect(createElectronBridge(value).openStream('domain', 'serial', {})).rejects.toMatchObject({ detail: error })
})

test('a console that takes or loses the focus is told once', () => {
  const { value, asked } = exposed(async () => ({ ok: true, value: null }))
  createElectronBridge(value)
  document.body.innerHTML = '<button></button><div data-console-input><textarea></textarea></div>'
  const focus = (selector: string) => document.querySelector<HTMLElement>(selector)?.focus()
  focus('button')
  focus('textarea')
  focus('button')
  expect(asked).toEqual([
    { kind: 'keys', held: true },
    { kind: 'keys', held: false },
  ])
})
