import { defineText } from '../../i18n/text.ts'

export const { useText, text } = defineText('xml', {
  toolbar: 'XML controls',
  document: 'XML of {{name}}',
  running: 'Running now',
  next: 'Next start',
  which: 'Which definition',
  find: 'Find',
  findPlaceholder: 'Find in the XML',
  nextMatch: 'Next match',
  previousMatch: 'Previous match',
  matches: '{{at}} of {{count}}',
  noMatch: 'No match',
  copy: 'Copy all',
  copied: 'The XML was copied.',
  wrap: 'Wrap long lines',
  loading: 'Loading…',
  failed: 'The XML could not be read',
  tryAgain: 'Try again',
  lines_one: '{{count}} line',
  lines_other: '{{count}} lines',
})
