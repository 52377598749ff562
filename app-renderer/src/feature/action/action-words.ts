/** Words and icons for the contract's entries. */
import type { EntryDescription } from '@vireo/app-main/contract'
import { i18n } from '../../i18n/i18n.ts'
import { createFormat } from '../../i18n/format.ts'
import type { Hindrance } from '../../store/action.ts'
import type { IconName } from '../../ui/index.ts'
import { placeName } from '../notices/place.ts'
import { text } from './text.ts'

const ICONS: Readonly<Record<string, IconName>> = {
  start: 'play',
  shutdown: 'power',
  destroy: 'stop',
  reboot: 'reboot',
  reset: 'bolt',
  suspend: 'pause',
  resume: 'resume',
  save: 'save',
  discardSave: 'trash',
  undefine: 'trash',
  openViewer: 'external',
  screen: 'screen',
  serial: 'term',
  screenshot: 'camera',
  add: 'plus',
  remove: 'trash',
  retry: 'reboot',
  unlock: 'unlock',
}

export const entryIcon = (entry: EntryDescription): IconName => ICONS[entry.name] ?? 'arrow'

/** The entry's title in the person's language. */
export const entryTitle = (entry: EntryDescription): string =>
  i18n.t(`${entry.room}.${entry.name}`, { ns: 'call', defaultValue: entry.title ?? entry.name })

/** The question to ask before it runs, or null. */
export const entryQuestion = (entry: EntryDescription, name: string): string | null =>
  entry.confirm === undefined
    ? null
    : i18n.t(`${entry.room}.${entry.name}.confirm`, {
        ns: 'call',
        name,
        defaultValue: entry.confirm.replaceAll('{name}', name),
      })

const STATES = ['running', 'paused', 'shutting-down', 'shutoff', 'saved', 'crashed', 'suspended', 'unknown'] as const

/** Why an entry cannot be used, as a sentence; null passes through. */
export const hindranceWords = (hindrance: Hindrance | null): string | null => {
  switch (hindrance?.kind) {
    case undefined:
      return null
    case 'offline':
      return text('offline')
    case 'lost':
      return text('lost', { place: placeName(hindrance.uri) })
    case 'stale':
      return text('stale')
    case 'locked':
      return text('locked')
    case 'feature':
      return hindrance.reason
    case 'state': {
      const words = STATES.filter(state => hindrance.states.includes(state)).map(state => text(`state.${state}`))
      return text('onlyWhile', { states: createFormat(i18n.language).either(words) })
    }
  }
}
