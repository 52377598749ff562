import { defineText } from '../../i18n/text.ts'

export const { useText, text } = defineText('first-start', {
  title: 'First start',
  hide: 'Hide the first start',
  'stage.running': 'Runs',
  'stage.address': 'Address',
  'stage.agent': 'Agent',
  'stage.cloud-init': 'Set up (cloud-init)',
  'stage.ssh': 'SSH',
  'state.waiting': 'waited for',
  'state.done': 'done',
  'state.failed': 'failed',
  'state.skipped': 'not waited for',
  'ready.title': '“{{name}}” is ready.',
  logIn: 'Log in',
  openScreen: 'Screen',
  openTerminal: 'Terminal',
  again: 'Wait again',
  againFailed: 'It cannot be waited for',
  complaints: 'What cloud-init complains of',
})
