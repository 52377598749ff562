/** The media room's answers for people. */
import type { MediaState } from '../../contract/index.ts'
import { printable, table } from './text.ts'

const shown = (source: string | null): string => (source === null ? '(empty)' : printable(source))

const list = ({ drives, boot }: MediaState): string => {
  const rows = drives.map(({ target, bus, source, nextSource, present, open }) => [
    ...[target, bus, present ? shown(source) : '(from the next start on)'],
    [open ? 'open' : '', nextSource === source ? '' : `next start: ${shown(nextSource)}`].filter(Boolean).join(', '),
  ])
  const first = boot.filter(({ order }) => order !== null).toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
  const never = boot.filter(({ order }) => order === null).map(({ device }) => device)
  return [
    rows.length === 0 ? 'No CD drives.' : table(['DRIVE', 'BUS', 'MEDIUM', ''], rows),
    `Starts from: ${first.map(({ device, kind }) => `${device} (${kind})`).join(', ') || 'nothing'}`,
    ...(never.length === 0 ? [] : [`Never tried: ${never.join(', ')}`]),
  ].join('\n')
}

const LATER = 'The machine sees it from its next start on.'

export const MEDIA_FORMATTERS = {
  'media.list': list,
  'media.eject': ({ drive, needsRestart }: { drive: string; needsRestart: boolean }) =>
    [`${drive} is empty.`, ...(needsRestart ? [LATER] : [])].join(' '),
  'media.boot': ({ needsRestart }: { needsRestart: boolean }) => (needsRestart ? LATER : ''),
} as const
