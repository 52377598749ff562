/** What a card shows, from the hypervisor's record; pure. */
import type {
  BootProbe,
  CardState,
  HostReport,
  HostStatus,
  Hypervisor,
  Indicator,
  Words,
} from '@vireo/app-main/contract'
import type { IconName, Tone } from '../../ui/index.ts'

const TONES: Readonly<Record<CardState, Tone>> = {
  unknown: 'neutral',
  bios_required: 'fail',
  not_available: 'neutral',
  no_kernel_support: 'fail',
  conflict: 'pause',
  no_permission: 'pause',
  not_responding: 'fail',
  not_working: 'pause',
  emulation_only: 'pause',
  ready: 'run',
  needs_init: 'info',
  not_enabled: 'info',
  not_running: 'info',
  not_installed: 'neutral',
  available: 'info',
}

export const toneOf = (state: CardState): Tone => TONES[state]

/** States that a person would not understand without the reason: it is shown unasked. */
const PUZZLING: readonly CardState[] = [
  ...(['bios_required', 'no_kernel_support', 'conflict', 'no_permission', 'not_responding'] as const),
  ...(['not_working', 'emulation_only'] as const),
]

export const explainsItself = (state: CardState): boolean => PUZZLING.includes(state)

/** What is installed, as its own indicator says; null while nothing is. */
export const installedWhat = ({ indicators }: Hypervisor): string | null => {
  const what = indicators.find(({ id, mark }) => id === 'installed' && mark === 'yes')?.words.values['what']
  return typeof what === 'string' && what !== '' ? what : null
}

/** Without what the heading says already, and what the boot probe's own part shows. */
export const shownIndicators = (card: Hypervisor): readonly Indicator[] =>
  card.indicators.filter(
    ({ id, mark }) =>
      !(id === 'installed' && mark === 'yes' && installedWhat(card)) && !(id === 'probe' && hasProbe(card)),
  )

export const MARK_ICONS: Readonly<Record<Indicator['mark'], IconName>> = {
  yes: 'check',
  no: 'cross',
  warn: 'warn',
  unknown: 'question',
}

/** Whether there is, or will be, something to tell of a boot probe. */
export const hasProbe = ({ type, boot_probe, probing, installed }: Hypervisor): boolean =>
  type === 'kvm' && installed && (boot_probe !== null || probing)

/** Everything is there, but whether it works is only being found out: nothing is promised yet. */
export const settling = ({ state, type, boot_probe, probing }: Hypervisor): boolean =>
  state === 'ready' && type === 'kvm' && probing && boot_probe === null

/** How long a run took as a part of the longest, 0 to 1; null where it has no time. */
export const probeShares = ({ kvm, emulation }: BootProbe): { kvm: number | null; emulation: number | null } => {
  const longest = Math.max(kvm.milliseconds ?? 0, emulation.milliseconds ?? 0)
  const share = (ms: number | null) => (ms === null || longest === 0 ? null : ms / longest)
  return { kvm: share(kvm.milliseconds), emulation: share(emulation.milliseconds) }
}

type Say = (words: Words) => string

const SIGNS: Readonly<Record<Indicator['mark'], string>> = { yes: '+', no: '-', warn: '!', unknown: '?' }

export interface DiagnosisParts {
  readonly status: HostStatus
  readonly card: Hypervisor
  readonly title: string
  readonly stateWord: string
  readonly say: Say
  /** What the newest action wrote, when it failed. */
  readonly log: readonly string[]
}

/** Everything that is known about one hypervisor as plain text, for a report of a problem. */
export const diagnosisOf = ({ status, card, title, stateWord, say, log }: DiagnosisParts): string =>
  [
    `${title}: ${stateWord} (${card.state})`,
    `${status.distribution}, kernel ${status.kernel}`,
    '',
    ...card.indicators.map(({ mark, words }) => `${SIGNS[mark]} ${say(words)}`),
    '',
    say(card.why),
    ...(card.details.length > 0
      ? ['', ...card.details.map(({ label, value }) => `${say({ key: label, values: {} })}: ${value}`)]
      : []),
    ...(log.length > 0 ? ['', ...log] : []),
  ].join('\n')

/** The doctor's report as plain text. */
export const reportText = (report: HostReport, say: Say): string =>
  [
    ...report.checks.map(
      ({ status, words: { name, details, fix } }) =>
        `${status.padEnd(4)} ${say(name)}: ${say(details)}${fix ? `\n     ${say(fix)}` : ''}`,
    ),
    '',
    report.overall,
  ].join('\n')

export const countChecks = ({ checks }: HostReport): Readonly<Record<'OK' | 'WARN' | 'FAIL', number>> => ({
  OK: checks.filter(({ status }) => status === 'OK').length,
  WARN: checks.filter(({ status }) => status === 'WARN').length,
  FAIL: checks.filter(({ status }) => status === 'FAIL').length,
})
