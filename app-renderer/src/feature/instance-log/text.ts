import { defineText } from '../../i18n/text.ts'

export const { useText, text } = defineText('instanceLog', {
  title: 'Log of {{name}}',
  body: 'What LXD wrote down about this machine. What the machine itself says is on its console.',
  file: 'File',
  none: 'There is no log file.',
  empty: 'Nothing in it.',
  cut: 'Only the end is shown.',
  failed: 'The log could not be read',
  again: 'Read again',
  copy: 'Copy the log',
  copied: 'Copied',
})
