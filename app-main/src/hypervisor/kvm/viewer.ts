/** virt-viewer, for screens that Vireo does not draw itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { RemoteError } from '../../contract/index.ts'

/** Starts virt-viewer and lets it go. Throws `unsupported` where it is not installed or there is no display. */
export const openViewer = async (
  uri: string,
  uuid: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> => {
  if (!environment['DISPLAY'] && !environment['WAYLAND_DISPLAY'])
    throw new RemoteError({ kind: 'unsupported', message: 'There is no graphical session here to open a window in.' })
  const child = spawn('virt-viewer', ['--connect', uri, '--uuid', '--', uuid], {
    env: environment,
    detached: true,
    stdio: 'ignore',
  })
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new RemoteError(
      {
        kind: 'unsupported',
        message: 'virt-viewer is not installed on this computer.',
        hint: 'Install the package virt-viewer.',
      },
      { cause },
    )
  }
  child.unref()
}
