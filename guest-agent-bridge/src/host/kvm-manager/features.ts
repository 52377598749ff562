import type { GuestFeature, GuestFeatureSheet } from '@vireo/app-main/contract'
import type { KvmManagerCommands, Tool } from './commands.ts'

/** Features that come from programs of the guest, run through its shell. */
const DERIVED: Readonly<Partial<Record<GuestFeature, Tool | null>>> = {
  processes: null,
  kill: null,
  time: null,
  users: 'who',
  services: 'systemctl',
  'service-control': 'systemctl',
  directory: 'find',
  trim: 'fstrim',
  'exec-user': 'runuser',
}

const NO_SHELL = "The agent's configuration lets no shell run."

/** What the KVM Manager agent cannot do, and why. */
export const kvmManagerFeatures = (commands: KvmManagerCommands): GuestFeatureSheet => {
  const sheet: GuestFeatureSheet = {
    'exec-stream': "This agent gives a command's output after its end, as text.",
    'resume-upload': 'This agent cannot go on with an interrupted upload: it starts anew.',
    password: "Through this agent the password would show in the guest's list of processes.",
    'ssh-keys': 'This agent has no command for SSH keys.',
    freeze: 'This agent cannot promise that the guest thaws again.',
    disks: 'This agent has no command for disks.',
    vcpus: 'This agent has no command for processors.',
  }
  for (const [feature, tool] of entriesOf(DERIVED)) {
    if (!commands.hasShell) sheet[feature] = NO_SHELL
    else if (tool && !commands.has(tool)) sheet[feature] = `The guest has no ${tool === 'find' ? 'GNU find' : tool}.`
  }
  return sheet
}

const entriesOf = <K extends string, T>(record: Readonly<Partial<Record<K, T>>>): [K, T | undefined][] =>
  Object.keys(record)
    .filter((key): key is K => Object.hasOwn(record, key))
    .map(key => [key, record[key]])
