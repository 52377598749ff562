import { execFile } from 'node:child_process'
import { ConnectionError, LibvirtError, PermissionError } from './errors.ts'
import { VIR_ERR_AUTH_CANCELLED, VIR_ERR_AUTH_UNAVAILABLE } from './generated/constants.ts'
import { authList, authPolkit } from './generated/remote-procedures.ts'
import type { CallOptions } from './pending-call.ts'
import type { Rpc } from './rpc.ts'

const NONE = 0
const SASL = 1
const POLKIT = 2

/**
 * Does what the daemon wants before it lets us open a connection: nothing, or polkit. polkit has no deadline, because a
 * person may be typing a password.
 * @throws {PermissionError} refused or cancelled
 */
export const authenticate = async (
  rpc: Rpc,
  how: { readOnly: boolean; interactive: boolean },
  options: CallOptions,
): Promise<void> => {
  const { types } = await rpc.call(authList, undefined, options)
  const [type = NONE] = types
  if (type === NONE) return
  if (type === SASL) {
    throw new ConnectionError('no-permission', 'The daemon wants a SASL login, which is not there yet.')
  }
  if (type !== POLKIT) throw new ConnectionError('protocol', `The daemon wants an unknown kind of login: ${type}.`)
  const action = how.readOnly ? 'org.libvirt.unix.monitor' : 'org.libvirt.unix.manage'
  if (!how.interactive && !(await isAuthorized(action))) {
    throw new PermissionError(`polkit would ask for a password for the action ${action}.`, { action })
  }
  try {
    await rpc.call(authPolkit, undefined, { ...options, deadlineMs: null })
  } catch (error) {
    throw error instanceof LibvirtError ? refused(error, action) : error
  }
}

const refused = (cause: LibvirtError, action: string): PermissionError => {
  const reasons: Readonly<Record<number, string>> = {
    [VIR_ERR_AUTH_CANCELLED]: 'The password prompt was cancelled.',
    [VIR_ERR_AUTH_UNAVAILABLE]: 'polkit wants a password, but no program is there that could ask for it.',
  }
  return new PermissionError(reasons[cause.code] ?? `polkit refused the action ${action}.`, { cause, action })
}

/** Asks polkit whether this process may, without letting it ask a person. Where that cannot be known: no. */
const isAuthorized = (action: string): Promise<boolean> =>
  new Promise(resolve => {
    const args = ['--action-id', action, '--process', String(process.pid)]
    execFile('pkcheck', args, { timeout: 5000 }, error => resolve(error === null))
  })
