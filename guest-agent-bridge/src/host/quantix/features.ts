import type { GuestFeature, GuestFeatureSheet } from '@vireo/app-main/contract'

/** By the names that the agent gives its capabilities. */
const NEEDED: Readonly<Partial<Record<GuestFeature, readonly string[]>>> = {
  telemetry: ['telemetry'],
  network: ['telemetry'],
  filesystems: ['telemetry'],
  system: ['hardware_info'],
  exec: ['execute'],
  'exec-user': ['execute'],
  'read-file': ['file_read'],
  // The agent writes in place; a command puts the whole file in the old one's stead.
  'write-file': ['file_write', 'execute'],
  directory: ['file_list', 'file_stat', 'directory_create', 'file_delete'],
  freeze: ['quiesce', 'thaw'],
  shutdown: ['shutdown'],
}

const LATER: readonly GuestFeature[] = [
  'disks',
  'users',
  'processes',
  'kill',
  'services',
  'service-control',
  'time',
  'password',
  'ssh-keys',
  'trim',
  'vcpus',
]

/** What a Quantix agent cannot do for Vireo, and why. */
export const quantixFeatures = (capabilities: readonly string[]): GuestFeatureSheet => {
  const known = new Set(capabilities)
  const sheet: GuestFeatureSheet = {
    'exec-stream': "This agent gives a command's output after its end, as text.",
    'resume-upload': 'This agent cannot go on with an interrupted upload: it starts anew.',
  }
  for (const feature of LATER) sheet[feature] = 'Vireo does not use the Quantix agent for this.'
  for (const [feature, names] of entriesOf(NEEDED)) {
    const missing = names?.find(name => !known.has(name))
    if (missing !== undefined) sheet[feature] = `This agent has no ${missing}.`
  }
  return sheet
}

const entriesOf = <K extends string, T>(record: Readonly<Partial<Record<K, T>>>): [K, T | undefined][] =>
  Object.keys(record)
    .filter((key): key is K => Object.hasOwn(record, key))
    .map(key => [key, record[key]])
