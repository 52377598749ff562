import { defineText } from '../../i18n/text.ts'

/** Actions on the hypervisors of this computer, as buttons say them. */
export const { useText, text } = defineText('hostAction', {
  install: 'Install',
  enable: 'Enable and start',
  start: 'Start',
  'create-default-network': 'Create default network',
  'create-default-pool': 'Create storage pool',
  initialise: 'Set up',
  'add-to-groups': 'Give me access',
  'fix-device': 'Repair access to /dev/kvm',
  'load-modules': 'Load kernel modules',
  'unload-modules': 'Unload kernel modules',
  undo: 'Undo',
  undone: 'Undone: {{action}}',
  ended: '{{action}}: {{name}}',
  show: 'Show',
})
