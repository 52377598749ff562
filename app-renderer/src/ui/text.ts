import { defineText } from '../i18n/text.ts'

export const { useText, text } = defineText('ui', {
  cancel: 'Cancel',
  close: 'Close',
  copied: 'Copied',
  copyFailed: 'Copying was refused: select the text and press Ctrl+C.',
  copy: 'Copy',
  copyThis: 'Copy {{text}}',
  clear: 'Clear',
  checked: 'chosen',
  dismiss: 'Dismiss',
  notifications: 'Notifications',
  'state.running': 'Running',
  'state.paused': 'Paused',
  'state.shutting-down': 'Shutting down',
  'state.shutoff': 'Off',
  'state.saved': 'Saved',
  'state.crashed': 'Crashed',
  'state.suspended': 'Sleeping',
  'state.unknown': 'Unknown',
})
