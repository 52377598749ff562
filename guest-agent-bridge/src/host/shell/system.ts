/** Users, services and single acts of a Linux guest through its shell. */
import { ServiceAction, type GuestService, type GuestUser } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { output, type GuestShell } from './guest-shell.ts'

/** `who`'s times are the guest's local ones, of an unknown zone: left out. */
export const readUsers = (text: string): GuestUser[] =>
  [...text.matchAll(/^(\S+) +(\S+) +\S/gm)].map(([, name = '', terminal = '']) => ({
    name: plainText(name, 64),
    loginAt: null,
    terminal: plainText(terminal, 64),
  }))

export const shellUsers = async (shell: GuestShell, asking: Asking): Promise<GuestUser[]> =>
  readUsers(await output(shell, 'who', [], asking))

const SERVICES = [
  'systemctl list-units --type=service --all --plain --no-legend --no-pager',
  'echo --vireo--',
  'systemctl list-unit-files --type=service --plain --no-legend --no-pager',
].join('; ')

const stateOf = (active: string, sub: string): GuestService['state'] => {
  if (active === 'failed') return 'failed'
  if (active === 'activating' || active === 'reloading') return 'starting'
  if (active === 'deactivating') return 'stopping'
  if (active === 'inactive') return 'stopped'
  if (active === 'active') return sub === 'exited' ? 'exited' : 'running'
  return 'unknown'
}

const enabledOf = (state: string | undefined): boolean | null => {
  if (state === 'enabled' || state === 'enabled-runtime') return true
  return state === 'disabled' || state === 'masked' ? false : null
}

/** From systemctl's lists of units and of unit files. */
export const readServices = (text: string): GuestService[] => {
  const [units = '', files = ''] = text.split('--vireo--\n')
  const enabled = new Map<string, boolean | null>()
  for (const [, name = '', state] of files.matchAll(/^(\S+)\.service +(\S+)/gm)) enabled.set(name, enabledOf(state))
  const found = new Map<string, GuestService>()
  for (const [, name = '', , active = '', sub = '', description = ''] of units.matchAll(
    /^(\S+)\.service +(\S+) +(\S+) +(\S+) *(.*)$/gm,
  ))
    found.set(name, {
      name: plainText(name, 256),
      description: plainText(description, 256) || null,
      state: stateOf(active, sub),
      enabled: enabled.get(name) ?? null,
    })
  for (const [name, state] of enabled)
    if (!found.has(name) && !name.endsWith('@'))
      found.set(name, { name: plainText(name, 256), description: null, state: 'stopped', enabled: state })
  return [...found.values()].sort((one, other) => (one.name < other.name ? -1 : 1))
}

export const shellServices = async (shell: GuestShell, asking: Asking): Promise<GuestService[]> =>
  readServices(await output(shell, SERVICES, [], asking))

export const shellControlService = async (
  shell: GuestShell,
  name: string,
  action: ServiceAction,
  asking: Asking,
): Promise<void> => {
  await output(
    shell,
    'systemctl "$1" -- "$2.service"',
    [ServiceAction.parse(action), name.replace(/\.service$/, '')],
    asking,
  )
}

export const shellKill = async (shell: GuestShell, pid: number, signal: number, asking: Asking): Promise<void> => {
  await output(shell, 'kill -"$1" "$2"', [String(signal), String(pid)], asking)
}

export const shellSetTime = async (shell: GuestShell, asking: Asking): Promise<void> => {
  const set = 'date -s "@$1" >/dev/null && { hwclock -w 2>/dev/null; true; }'
  await output(shell, set, [String(Math.round(Date.now() / 1000))], asking)
}

/** Bytes trimmed on all filesystems. */
export const readTrimmed = (text: string): number =>
  [...text.matchAll(/\((\d{1,15}) bytes\) trimmed/g)].reduce((sum, [, bytes]) => sum + Number(bytes), 0)

export const shellTrim = async (shell: GuestShell, asking: Asking): Promise<number> =>
  readTrimmed(await output(shell, 'fstrim -av', [], asking))
