import { expect, test } from 'vitest'
import type { Session, WebContents } from 'electron'
import { guardContents, guardSession } from './guard-contents.ts'

type Handler = (...args: never[]) => unknown

const guarded = () => {
  const listeners = new Map<string, Handler>()
  const opened: string[] = []
  let openHandler: Handler = () => undefined
  const contents = {
    on: (name: string, listener: Handler) => void listeners.set(name, listener),
    setWindowOpenHandler: (handler: Handler) => void (openHandler = handler),
  }
  guardContents(contents as unknown as WebContents, {
    openExternal: url => (opened.push(url), Promise.resolve()),
  })
  const fire = (name: string, event: object): boolean => {
    let prevented = false
    listeners.get(name)?.({ ...event, preventDefault: () => (prevented = true) } as never)
    return prevented
  }
  return { fire, opened, open: (url: string) => openHandler({ url } as never) }
}

test('the window stays on our page', () => {
  const { fire } = guarded()
  expect(fire('will-frame-navigate', { url: 'app://vireo/', isMainFrame: true })).toBe(false)
  expect(fire('will-frame-navigate', { url: 'https://evil.example/', isMainFrame: true })).toBe(true)
  expect(fire('will-frame-navigate', { url: 'app://vireo/', isMainFrame: false })).toBe(true)
  expect(fire('will-redirect', { url: 'https://evil.example/' })).toBe(true)
  expect(fire('will-attach-webview', {})).toBe(true)
})

test('no second window opens; a link to the web goes to the browser', () => {
  const { open, opened } = guarded()
  for (const url of ['https://libvirt.org/', 'http://plain.example/', 'file:///etc/passwd', 'app://vireo/'])
    expect(open(url)).toEqual({ action: 'deny' })
  expect(opened).toEqual(['https://libvirt.org/'])
})

test('permissions are asked and checked by one rule, devices and screen capture are refused', () => {
  const handlers = new Map<string, Handler>()
  const session = new Proxy(
    {},
    { get: (_target, name) => (handler: Handler) => void handlers.set(String(name), handler) },
  ) as Session
  guardSession(session)
  const asked = (permission: string, requestingUrl: string, isMainFrame = true) => {
    let granted: unknown
    const callback = (value: boolean) => (granted = value)
    handlers.get('setPermissionRequestHandler')?.(
      ...([null, permission, callback, { requestingUrl, isMainFrame }] as never[]),
    )
    return granted
  }
  expect(asked('keyboardLock', 'app://vireo/')).toBe(true)
  expect(asked('keyboardLock', 'app://vireo/', false)).toBe(false)
  expect(asked('keyboardLock', 'https://evil.example/')).toBe(false)
  expect(asked('media', 'app://vireo/')).toBe(false)
  const check = handlers.get('setPermissionCheckHandler')
  expect(check?.(...([null, 'fullscreen', 'app://vireo/'] as never[]))).toBe(true)
  expect(check?.(...([null, 'media', 'app://vireo/'] as never[]))).toBe(false)
  expect(handlers.get('setDevicePermissionHandler')?.()).toBe(false)
  let streams: unknown = 'none given'
  handlers.get('setDisplayMediaRequestHandler')?.(...([{}, (value: unknown) => (streams = value)] as never[]))
  expect(streams).toBeNull()
})
