/** What making a machine would do, for people. */
import type { BootPhase, BootStep, CreatePlan, PlannedFile } from '../../contract/index.ts'
import { pairs } from './pairs.ts'
import { printable, printableLines, size } from './text.ts'

const KINDS: Readonly<Record<PlannedFile['kind'], string>> = {
  ...{ base: 'the image, only read', 'base-copy': 'a copy of the image', disk: 'a disk', seed: 'the seed' },
  iso: 'the installation medium',
}

const SOURCES: Readonly<Record<NonNullable<CreatePlan['taken']>['from'], string>> = {
  ...{ cache: 'the image that is here', build: 'made from packages', download: 'downloaded', file: 'a file' },
}

const fileLine = ({ kind, path, bytes, made, base }: PlannedFile): string => {
  const about = [KINDS[kind], ...(bytes > 0 ? [size(bytes)] : []), ...(base === null ? [] : [`on ${base}`])]
  return `${made ? '+' : ' '} ${path}  (${about.join(', ')})`
}

const section = (title: string, text: string): string => `\n--- ${title}\n${printableLines(text.trimEnd())}`

/** Why a source is copied, and how to do without. */
export const copiedText = ({ path, user, obstacles, commands }: NonNullable<CreatePlan['copied']>, pool: string) =>
  printableLines(
    [
      `“${path}” is copied into “${pool}”: machines run as ${user}, who cannot reach ${obstacles.join(', ')}.`,
      'To use it where it lies instead, run this first:',
      ...commands.map(command => `  ${command}`),
    ].join('\n'),
  )

const answersTitle = ({ answersCheckedBy: by }: CreatePlan): string =>
  by ? `answer file, found good by ${by}` : 'answer file, which nobody checked: debconf-set-selections is not installed'

export const planOutput = (plan: CreatePlan): string =>
  [
    pairs([
      ['Name', plan.name],
      ['Connection', plan.connection],
      ['Source', plan.taken && `${SOURCES[plan.taken.from]}: ${plan.taken.why}`],
      ['Host name', plan.hostname],
      ['User', plan.user],
      ['Processors', String(plan.cpus)],
      ['Memory', size(plan.memoryBytes)],
      ['Firmware', plan.firmware],
      ['Runs', plan.accelerated ? 'under KVM' : 'in emulation'],
      ['Files', plan.files.map(fileLine).join('\n')],
    ]),
    ...(plan.copied ? [`\n${copiedText(plan.copied, plan.pool)}`] : []),
    ...plan.warnings.map(warning => `\nwarning: ${printableLines(warning)}`),
    section('domain XML', plan.domainXml),
    ...(plan.seed
      ? [
          section('user-data', plan.seed.userData),
          section('meta-data', plan.seed.metaData),
          section('network-config', plan.seed.networkConfig),
        ]
      : []),
    ...(plan.answerFile === undefined ? [] : [section(answersTitle(plan), plan.answerFile)]),
    section('commands', plan.commands.join('\n')),
  ].join('\n')

const STAGES: Readonly<Record<BootStep['stage'], string>> = {
  running: 'runs',
  address: 'address',
  agent: 'agent answers',
  'cloud-init': 'cloud-init finished',
  ssh: 'SSH answers',
}

const PHASES: Readonly<Record<BootPhase['phase'], string>> = {
  ...{ firmware: 'firmware', loader: 'boot loader', kernel: 'kernel', system: 'system', login: 'asks for a login' },
  ...{ 'cloud-init': 'cloud-init', stopped: 'it says that it cannot go on' },
}

/** What a machine says on its serial line while it starts. */
export const phaseLine = ({ phase, line }: BootPhase): string => printable(`  ${PHASES[phase]}: ${line}`)

/** A stage of a first start that was reached; null where the failure itself will tell. */
export const bootLine = (
  stage: BootStep['stage'],
  state: Exclude<BootStep['state'], 'waiting'>,
  detail: string | null,
): string | null => {
  if (state === 'failed') return null
  const words = state === 'skipped' ? `not waited for: ${STAGES[stage]}` : STAGES[stage]
  return printableLines(detail === null ? words : `${words}: ${detail}`)
}
