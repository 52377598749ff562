import { defineText } from '../../i18n/text.ts'

export const { useText, text } = defineText('console', {
  release: 'All keys go to the machine. {{chord}} gives the keyboard back.',
  releaseShort: 'releases the keyboard',
  offTitle: '{{name}} is off',
  crashedTitle: '{{name}} crashed',
  offBody: 'Start it to open this console.',
  connecting: 'Connecting…',
  waitingTitle: 'The connection was lost',
  waitingBody: 'Trying again by itself.',
  tryNow: 'Try now',
  failedTitle: 'This console cannot be opened',
  tryAgain: 'Try again',
  unlock: 'Unlock',
  busyTitle: 'The line is in use',
  busyBody: '{{holder}} holds it. A serial line has one owner at a time.',
  takeOver: 'Take over',
})
