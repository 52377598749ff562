import { defineText } from '../../i18n/text.ts'

export const { useText, text } = defineText('action', {
  offline: 'Vireo’s server does not answer.',
  lost: 'The connection to {{place}} is lost.',
  stale: 'The connection is not ready.',
  locked: 'Unlock the connection first.',
  onlyWhile: 'Only while {{states}}.',
  none: 'No marked machine can do this now. {{reason}}',
  failed: '{{action}}: {{name}}',
  bulkQuestion_one: 'This concerns {{names}}.',
  bulkQuestion_other: 'This concerns {{count}} machines: {{names}}.',
  lossWarning: 'What the guests have not written to disk is lost.',
  cannotUndo: 'This cannot be undone.',
  more: 'and {{count}} more',
  'state.running': 'running',
  'state.paused': 'paused',
  'state.shutting-down': 'shutting down',
  'state.shutoff': 'off',
  'state.saved': 'saved',
  'state.crashed': 'crashed',
  'state.suspended': 'asleep',
  'state.unknown': 'unknown',
})
