import { toRemoteError } from '../../lxd/index.ts'

/** Every failure leaves the driver as a `RemoteError`. */
export const typed = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    throw toRemoteError(error)
  }
}
