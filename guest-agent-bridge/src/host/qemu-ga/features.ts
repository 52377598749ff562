/** What a qemu-ga can do: from the commands that it has and that its administrator left enabled. */
import { GuestFeature, type GuestFeatureSheet } from '@vireo/app-main/contract'
import type * as v from 'valibot'
import type { info } from './schema.ts'

type Info = v.InferOutput<typeof info>

/** What each feature needs. */
const NEEDS: Partial<Record<GuestFeature, readonly string[]>> = {
  system: ['guest-get-osinfo'],
  network: ['guest-network-get-interfaces'],
  filesystems: ['guest-get-fsinfo'],
  disks: ['guest-get-disks'],
  users: ['guest-get-users'],
  processes: ['guest-exec', 'guest-exec-status'],
  kill: ['guest-exec', 'guest-exec-status'],
  exec: ['guest-exec', 'guest-exec-status'],
  'exec-user': ['guest-exec', 'guest-exec-status'],
  'read-file': ['guest-file-open', 'guest-file-read', 'guest-file-seek', 'guest-file-close'],
  'write-file': ['guest-exec', 'guest-exec-status', 'guest-file-open', 'guest-file-write', 'guest-file-close'],
  directory: ['guest-exec', 'guest-exec-status'],
  time: ['guest-set-time', 'guest-get-time'],
  password: ['guest-set-user-password'],
  'ssh-keys': ['guest-ssh-get-authorized-keys', 'guest-ssh-add-authorized-keys'],
  freeze: ['guest-fsfreeze-freeze', 'guest-fsfreeze-thaw'],
  trim: ['guest-fstrim'],
  vcpus: ['guest-get-vcpus', 'guest-set-vcpus'],
  shutdown: ['guest-shutdown'],
}

const NEVER: GuestFeatureSheet = {
  'exec-stream': 'qemu-ga tells a command’s output only at its end. The Vireo agent tells it as it comes.',
  'resume-upload': 'qemu-ga cannot go on with an interrupted upload: it starts anew. The Vireo agent can.',
  services: 'qemu-ga knows nothing of services. The Vireo agent does.',
  'service-control': 'qemu-ga knows nothing of services. The Vireo agent does.',
}

/** Telemetry needs a way to the CPU's and the memory's counters. */
const MEASURES = ['guest-exec', 'guest-get-cpustats']

const NO_SHELL = 'The guest runs Windows: what takes a Unix shell cannot be done there through qemu-ga.'
/** What is done by scripts. */
const SCRIPTED = ['processes', 'kill', 'exec', 'exec-user', 'write-file', 'directory'] as const

const FROZEN = 'The guest’s filesystems are frozen, and then qemu-ga does nothing but thaw them.'

/** While the guest is frozen qemu-ga calls all its other commands blocked. */
export const frozenFeatures = (): GuestFeatureSheet =>
  Object.fromEntries(
    GuestFeature.options.flatMap(feature => (feature === 'freeze' ? [] : [[feature, NEVER[feature] ?? FROZEN]])),
  )

export const featuresOf = ({ supported_commands: commands }: Info, windows: boolean): GuestFeatureSheet => {
  const known = new Map(commands.map(({ name, enabled }) => [name, enabled]))
  const reasons = Object.entries(NEEDS).flatMap(([feature, needs]) => {
    const lacking = needs.find(name => known.get(name) !== true)
    return lacking === undefined ? [] : [[feature, why(known, lacking)]]
  })
  const telemetry = MEASURES.some(name => known.get(name) === true) ? {} : { telemetry: why(known, 'guest-exec') }
  const shell = windows ? Object.fromEntries(SCRIPTED.map(feature => [feature, NO_SHELL])) : {}
  return { ...NEVER, ...Object.fromEntries(reasons), ...telemetry, ...shell }
}

const why = (known: ReadonlyMap<string, boolean>, name: string): string =>
  known.has(name)
    ? `qemu-ga’s ${name} is blocked in the guest (see its block list, for instance in /etc/sysconfig/qemu-ga).`
    : `The guest’s qemu-ga is too old: it has no ${name}.`
