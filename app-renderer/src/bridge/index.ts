import type { Bridge } from './bridge.ts'
import { createElectronBridge, exposedBridge } from './electron-bridge.ts'
import { createWebBridge } from './web-bridge.ts'

export type { Bridge } from './bridge.ts'
export { createClient } from './client.ts'

/** Electron's preload exposes an object; where it is missing the page came from `vireo serve`. */
export const detectBridge = (): Bridge => {
  const exposed = exposedBridge()
  return exposed ? createElectronBridge(exposed) : createWebBridge()
}
