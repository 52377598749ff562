/** Keeps a window on our page: no other address, no second window, no foreign frame, no permission it does not need. */
import type { Session, Shell, WebContents } from 'electron'
import { externalAddress, isPage, mayUse } from './page-address.ts'

export const guardContents = (
  contents: Pick<WebContents, 'on' | 'setWindowOpenHandler'>,
  shell: Pick<Shell, 'openExternal'>,
): void => {
  contents.on('will-frame-navigate', event => {
    if (!event.isMainFrame || !isPage(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', event => {
    if (!isPage(event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    const address = externalAddress(url)
    // A system without a browser is nothing the window could mend.
    if (address !== undefined) void shell.openExternal(address).catch(() => {})
    return { action: 'deny' }
  })
}

export const guardSession = (
  session: Pick<
    Session,
    | 'setPermissionRequestHandler'
    | 'setPermissionCheckHandler'
    | 'setDevicePermissionHandler'
    | 'setDisplayMediaRequestHandler'
  >,
): void => {
  session.setPermissionRequestHandler((_contents, permission, callback, details) =>
    callback(details.isMainFrame && mayUse(permission, details.requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission, origin) => mayUse(permission, origin))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, callback) => callback(null))
}
