/** The guest's clock, its users' passwords and keys, its trimming and its end. */
import { RemoteError } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import { refusal } from './failure.ts'
import * as schema from './schema.ts'
import type { Talk } from './talk.ts'

/** Setting the clock ends with writing it to the hardware, which not every guest can; then this is near enough. */
const NEAR_MS = 2000
const TRIM_SECONDS = 300
const SHUTDOWN_SECONDS = 5

export const syncTime = async (talk: Talk, { signal }: Asking): Promise<void> => {
  try {
    await talk.ask('guest-set-time', schema.nothing, { args: { time: Date.now() * 1e6 }, seconds: 30, signal })
  } catch (error) {
    const now = await talk.ask('guest-get-time', schema.time, { signal })
    if (Math.abs(now / 1e6 - Date.now()) > NEAR_MS) throw error
  }
}

export const setPassword = async (talk: Talk, user: string, password: string, { signal }: Asking): Promise<void> => {
  if (/[\n:\0]/.test(user) || user === '') throw invalid('That is no name of a user.')
  if (/[\n\0]/.test(password) || password === '') throw invalid('A password is one line, and not empty.')
  const args = { username: user, password: Buffer.from(password).toString('base64'), crypted: false }
  await talk.ask('guest-set-user-password', schema.nothing, { args, seconds: 30, signal })
}

/** Who has no file of keys has no keys, which qemu-ga calls a failure. */
const isMissingFile = (error: unknown): boolean =>
  error instanceof RemoteError && error.detail.kind === 'not-found' && /authorized_keys/.test(error.message)

export const sshKeys = async (talk: Talk, user: string, { signal }: Asking): Promise<string[]> => {
  try {
    return (await talk.ask('guest-ssh-get-authorized-keys', schema.sshKeys, { args: { username: user }, signal })).keys
  } catch (error) {
    if (isMissingFile(error)) return []
    throw error
  }
}

export const setSshKeys = async (talk: Talk, user: string, keys: readonly string[], asking: Asking): Promise<void> => {
  if (keys.some(key => /[\n\r\0]/.test(key) || key.trim() === ''))
    throw invalid('An SSH key is one line, and not empty.')
  const args = { username: user, keys, reset: true }
  await talk.ask('guest-ssh-add-authorized-keys', schema.nothing, { args, ...asking })
}

export const trim = async (talk: Talk, { signal }: Asking): Promise<number | null> => {
  const { paths } = await talk.ask('guest-fstrim', schema.trim, { args: {}, seconds: TRIM_SECONDS, signal })
  const trimmed = paths.flatMap(one => one.trimmed ?? [])
  const failed = paths.find(one => one.error !== undefined)?.error
  if (trimmed.length === 0 && failed !== undefined) throw refusal(failed, undefined)
  return trimmed.length === 0 ? null : trimmed.reduce((sum, bytes) => sum + bytes, 0)
}

const MODES = { poweroff: 'powerdown', reboot: 'reboot', halt: 'halt' } as const

/** qemu-ga answers only when it refuses. So it is asked whether it is there before, and silence is consent. */
export const shutdown = async (talk: Talk, mode: keyof typeof MODES, { signal }: Asking): Promise<void> => {
  await talk.ask('guest-ping', schema.nothing, { signal })
  const options = { args: { mode: MODES[mode] }, seconds: SHUTDOWN_SECONDS, signal }
  await talk.ask('guest-shutdown', schema.nothing, options).catch((error: unknown) => {
    const went = ['timeout', 'precondition', 'connection', 'not-found', 'libvirt']
    if (!(error instanceof RemoteError) || !went.includes(error.detail.kind)) throw error
  })
}

const invalid = (message: string): RemoteError => new RemoteError({ kind: 'invalid-input', message })
