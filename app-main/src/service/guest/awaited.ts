/** Parts of the room that have no ground to stand on yet: each says what is missing. */
import { RemoteError } from '../../contract/index.ts'

const missing = (what: string, hint: string) => (): Promise<never> =>
  Promise.reject(new RemoteError({ kind: 'unsupported', message: `${what} is not part of this version.`, hint }))

const ssh = missing('SSH into machines', 'Use the agent, or the serial console.')

export const sshSetup = { sshLogin: ssh, setSshLogin: ssh, terminal: ssh, resizeTerminal: ssh }
