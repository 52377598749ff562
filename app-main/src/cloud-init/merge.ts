/**
 * How a person's own user-data joins ours:
 *
 * - a key that only one side has is taken;
 * - `users` are joined by name: what theirs says of a user wins, his SSH keys are added; new users come behind ours;
 * - other lists are joined, ours first, each plain entry once (commands and files stand as often as they are said);
 * - maps are joined key by key by these same rules;
 * - everything else is theirs.
 */
import type { CloudConfig } from './cloud-config.ts'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const ORDERED = new Set(['runcmd', 'bootcmd', 'write_files'])

const nameOf = (user: unknown): unknown => (isRecord(user) ? user['name'] : user)

const mergeUsers = (ours: readonly unknown[], theirs: readonly unknown[]): unknown[] => {
  const joined = [...ours]
  for (const user of theirs) {
    const index = joined.findIndex(one => nameOf(one) !== undefined && nameOf(one) === nameOf(user))
    if (index < 0) joined.push(user)
    else joined[index] = mergeValue('', joined[index], user)
  }
  return joined
}

const mergeLists = (key: string, ours: readonly unknown[], theirs: readonly unknown[]): unknown[] => {
  if (key === 'users') return mergeUsers(ours, theirs)
  if (ORDERED.has(key)) return [...ours, ...theirs]
  return [...new Set([...ours, ...theirs])]
}

const mergeValue = (key: string, ours: unknown, theirs: unknown): unknown => {
  if (Array.isArray(ours) && Array.isArray(theirs)) return mergeLists(key, ours, theirs)
  if (isRecord(ours) && isRecord(theirs)) return mergeCloudConfig(ours, theirs)
  return theirs
}

export const mergeCloudConfig = (ours: CloudConfig, theirs: CloudConfig): CloudConfig => {
  const merged: Record<string, unknown> = { ...ours }
  for (const [key, value] of Object.entries(theirs))
    merged[key] = Object.hasOwn(ours, key) ? mergeValue(key, ours[key], value) : value
  return merged
}
