/** Which of the product's features a Vireo agent has, by the methods it names. */
import type { GuestFeature, GuestFeatureSheet } from '@vireo/app-main/contract'
import type { AgentCapabilities } from '../../protocol/vireo/index.ts'
import { plainText } from '../plain-text.ts'

const NEEDED: Readonly<Record<Exclude<GuestFeature, 'disks' | 'ssh-keys' | 'vcpus'>, readonly string[]>> = {
  telemetry: ['telemetry.get', 'telemetry.subscribe'],
  system: ['get_system_info'],
  network: ['telemetry.get'],
  filesystems: ['telemetry.get'],
  users: ['users.list'],
  processes: ['process.list'],
  kill: ['process.kill'],
  services: ['service.list'],
  'service-control': ['service.control'],
  exec: ['exec.start'],
  'exec-stream': ['exec.start'],
  'exec-user': ['exec.start'],
  'read-file': ['file.read'],
  'write-file': ['file.write.begin', 'file.write.chunk', 'file.write.commit'],
  'resume-upload': ['file.write.begin'],
  directory: ['directory.list', 'file.stat', 'directory.create', 'file.remove'],
  time: ['time.set'],
  password: ['password.set'],
  freeze: ['quiesce.freeze', 'quiesce.thaw'],
  trim: ['filesystem.trim'],
  shutdown: ['system.shutdown'],
}

/** What is missing, each with a reason. */
export const vireoFeatures = (capabilities: AgentCapabilities): GuestFeatureSheet => {
  const known = new Set(capabilities.methods)
  const reasons = new Map(capabilities.unavailable.map(({ method, reason }) => [method, plainText(reason, 300)]))
  const sheet: GuestFeatureSheet = {
    disks: 'The Vireo agent has no command for disks yet.',
    'ssh-keys': 'The Vireo agent has no command for SSH keys yet.',
    vcpus: 'The Vireo agent has no command for processors yet.',
  }
  for (const feature of featuresOf(NEEDED)) {
    const missing = NEEDED[feature].find(method => !known.has(method))
    if (missing !== undefined)
      sheet[feature] = reasons.get(missing) ?? `This version of the agent has no command ${missing}.`
  }
  if (!capabilities.privileged)
    sheet['exec-user'] ??= `The agent runs as ${plainText(capabilities.user, 64)} and can be no other user.`
  return sheet
}

const featuresOf = <K extends string>(record: Readonly<Record<K, unknown>>): K[] =>
  Object.keys(record).filter((key): key is K => Object.hasOwn(record, key))
