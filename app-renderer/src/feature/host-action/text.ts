import { defineText } from '../../i18n/text.ts'

/** Actions on the hypervisors of this computer, as buttons say them. */
export const { useText, text } = defineText('hostAction', {
  install: 'Install',
  enable: 'Enable and start',
  start: 'Start',
  'create-default-network': 'Create the default network',
  'create-default-pool': 'Create a storage pool',
  initialise: 'Set up storage and network',
  'add-to-groups': 'Give me access',
  'fix-device': 'Repair access to /dev/kvm',
  'load-modules': 'Load the kernel modules',
  'unload-modules': 'Unload the kernel modules',
  undo: 'Undo',
  undone: 'Undone: {{action}}',
  ended: '{{action}}: {{name}}',
  show: 'Show',
})
