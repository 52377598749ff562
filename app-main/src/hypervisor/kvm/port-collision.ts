/**
 * libvirt picks the port of a screen by trying it out, long before QEMU listens there: of two machines that start in the
 * same moment, or through two daemons, one may find its port taken. The next attempt gets another port.
 */
import { LibvirtError } from '../../libvirt/index.ts'

const ATTEMPTS = 3
const TAKEN = /-(?:vnc|spice)\b[^]*address already in use/i

export const retryPortCollision = async <T>(start: () => Promise<T>, signal: AbortSignal): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start()
    } catch (error) {
      const taken = error instanceof LibvirtError && TAKEN.test(error.message)
      if (!taken || attempt === ATTEMPTS || signal.aborted) throw error
    }
  }
}
