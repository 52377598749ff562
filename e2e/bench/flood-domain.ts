/** A machine one of whose lines is flooded by a program on the host: the pipeline is measured, not an emulated device. */
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { answers, until } from '../fixture/wait.ts'

export interface FloodDomain extends AsyncDisposable {
  readonly domain: TestDomain
  /** Where the program that floods listens, for those who need no machine. */
  readonly socket: string
}

/** The line's name as a virtio channel. */
export const FLOOD = 'org.vireo.flood.0'

/**
 * libvirt opens a channel by connecting to QEMU's socket. When QEMU listens, its socket file is replaced by ours: QEMU does
 * not notice, and libvirt connects to the program that floods. (A console must be a terminal, whose other end is QEMU's.)
 */
export const floodDomain = async (uri: string): Promise<FloodDomain> => {
  const folder = await mkdtemp(join(tmpdir(), 'vf-'))
  await chmod(folder, 0o777)
  const socket = join(folder, 'line')
  const line = `<channel type='unix'><source mode='bind' path='${socket}'/><target type='virtio' name='${FLOOD}'/></channel>`
  const domain = await testDomain({ kind: 'blank', channels: [], graphics: 'none', extraDevices: line, uri })
  await rm(socket)
  const program = join(dirname(fileURLToPath(import.meta.url)), 'flood-line.ts')
  const flood = spawn(process.execPath, [program, socket], { stdio: ['ignore', 'ignore', 'inherit'] })
  await until('the flood to listen', async () => answers(socket))
  return {
    ...{ domain, socket },
    async [Symbol.asyncDispose]() {
      flood.kill()
      await domain.dispose()
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
