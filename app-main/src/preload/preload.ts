/** The one script between the window and the main process. It never changes when a feature is added. */
import { contextBridge, ipcRenderer } from 'electron'

contextBridge.exposeInMainWorld('vireoBridge', {
  invoke: (message: unknown): Promise<unknown> => ipcRenderer.invoke('vireo:invoke', message),
  onEvent(listener: (event: unknown) => void): void {
    ipcRenderer.on('vireo:message', (event, message: unknown) => {
      if (event.ports.length === 0) listener(message)
    })
  },
})

// Ports cannot pass through the context bridge; a message to our own window can carry them.
ipcRenderer.on('vireo:message', (event, message: { port: string }) => {
  if (event.ports.length > 0) window.postMessage({ vireoPort: message.port }, '*', [...event.ports])
})
