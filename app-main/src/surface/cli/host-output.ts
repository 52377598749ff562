/** The host room's answers for people. */
import { styleText } from 'node:util'
import {
  HOST_STATE_WORDS,
  hostEnglish,
  type HostPlan,
  type HostReport,
  type HostStatus,
  type Hypervisor,
} from '../../contract/index.ts'
import { printable, table } from './text.ts'

const NAMES = { kvm: 'KVM / QEMU', lxd: 'LXD', virtualbox: 'VirtualBox', podman: 'Podman', docker: 'Docker' } as const
const MARKS = { yes: '+', no: '-', warn: '!', unknown: '?' } as const
const COLOURS = { OK: 'green', WARN: 'yellow', FAIL: 'red' } as const

const card = ({ type, state, indicators, why, primary }: Hypervisor): string =>
  [
    `${NAMES[type]}: ${HOST_STATE_WORDS[state]}`,
    ...indicators.map(({ mark, words }) => `  ${MARKS[mark]} ${printable(hostEnglish(words))}`),
    ...(state === 'ready' ? [] : [`  ${printable(hostEnglish(why))}`]),
    ...(primary === null ? [] : [`  Next step: vireo host fix --hypervisor ${type} --action ${primary}`]),
  ].join('\n')

const status = ({ distribution, kernel, hypervisors, default_hypervisor }: HostStatus): string =>
  [
    `${printable(distribution)}, kernel ${printable(kernel)}`,
    ...Object.values(hypervisors).map(card),
    default_hypervisor === null ? 'No hypervisor is ready.' : `New machines go to ${NAMES[default_hypervisor]}.`,
  ].join('\n\n')

const check = ({ overall, checks }: HostReport): string => {
  const rows = checks.map(({ status: is, name, details, fix }) => [
    is,
    name,
    fix === null ? details : `${details}. ${fix}`,
  ])
  const paint = (cell: string, column: number) => {
    const colour = column === 0 && Object.hasOwn(COLOURS, cell) ? COLOURS[cell as keyof typeof COLOURS] : undefined
    return colour ? styleText(colour, cell, { stream: process.stdout }) : cell
  }
  return `${table(['STATUS', 'CHECK', 'DETAILS'], rows, paint)}\n\nOverall: ${overall}`
}

/** What a person reads before saying yes. */
export const planText = ({ commands, elevation, notes, refusal }: HostPlan): string => {
  if (refusal) return [refusal.message, refusal.hint].filter(Boolean).join(' ')
  const how = elevation === 'none' ? 'These commands will run:' : `These commands will run through ${elevation}:`
  return [how, ...commands.map(command => `  ${printable(command)}`), ...notes.map(note => hostEnglish(note))].join(
    '\n',
  )
}

export const HOST_FORMATTERS = { 'host.status': status, 'host.check': check, 'host.plan': planText } as const
