/** The state of a card, from its facts and nothing else. */
import type { CardState, HypervisorName } from '../contract/index.ts'

export interface StateFacts {
  readonly type: HypervisorName
  /** False until somebody looked. */
  readonly known: boolean
  readonly needs_bios_virtualization: boolean
  /** Hardware and kernel have what it needs. */
  readonly available: boolean
  /** Machines can run in software, without hardware support. */
  readonly emulation: boolean
  readonly kernel_supported: boolean
  readonly installed: boolean
  readonly enabled: boolean
  readonly running: boolean
  readonly initialized: boolean
  /** What its socket says to this user; `silent` stands for nonsense as well. */
  readonly access: 'granted' | 'denied' | 'silent'
  /** Another hypervisor holds the processor, and this one cannot start machines. */
  readonly conflict: boolean
  /** The word of the boot probe; `unknown` before it ran and where there is none. */
  readonly acceleration: 'unknown' | 'works' | 'failed'
}

export interface StateRule {
  readonly state: CardState
  readonly holds: (facts: StateFacts) => boolean
}

const ownModule = ({ type }: StateFacts) => type === 'virtualbox'
/** These are ready as soon as they run: there is nothing to set up. */
const needsInit = ({ type }: StateFacts) => type === 'kvm' || type === 'lxd'
const ready = (facts: StateFacts) => facts.running && (!needsInit(facts) || facts.initialized)

/**
 * The first rule that holds decides. The order is sysmanage's (reference 3.3, its numbers beside the rules), which
 * knew nothing of permissions, conflicts and a KVM that does not work: those stand where they change what to do next.
 * Only something that runs is ready, and a service that was enabled and does not run is told apart from mere hardware.
 */
export const STATE_RULES: readonly StateRule[] = [
  { state: 'unknown', holds: facts => !facts.known }, // 0
  { state: 'bios_required', holds: facts => facts.needs_bios_virtualization }, // 1
  { state: 'not_available', holds: facts => !facts.available && !facts.emulation }, // 2
  { state: 'no_kernel_support', holds: facts => ownModule(facts) && facts.installed && !facts.kernel_supported }, // 3
  { state: 'conflict', holds: facts => facts.installed && facts.conflict },
  { state: 'no_permission', holds: facts => facts.installed && facts.running && facts.access === 'denied' },
  { state: 'not_responding', holds: facts => facts.installed && facts.running && facts.access === 'silent' },
  { state: 'not_working', holds: facts => ready(facts) && facts.available && facts.acceleration === 'failed' }, // 4, qualified
  { state: 'emulation_only', holds: facts => ready(facts) && !facts.available }, // 4, qualified
  { state: 'ready', holds: ready }, // 4
  { state: 'needs_init', holds: facts => needsInit(facts) && facts.running && !facts.initialized }, // 5
  { state: 'not_enabled', holds: facts => facts.installed && !facts.enabled }, // 7, 9
  { state: 'not_running', holds: facts => facts.installed && facts.enabled && !facts.running }, // 6
  { state: 'not_installed', holds: facts => !facts.installed }, // 8
  { state: 'available', holds: () => true }, // 10
]

export const stateOf = (facts: StateFacts): CardState =>
  STATE_RULES.find(({ holds }) => holds(facts))?.state ?? 'unknown'
