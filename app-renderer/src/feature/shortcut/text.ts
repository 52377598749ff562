import { defineText } from '../../i18n/text.ts'

export const { useText } = defineText('shortcut', {
  title: 'Keyboard',
  window: 'Anywhere',
  list: 'In the list of machines',
  console: 'In a screen or serial console',
  palette: 'Search or run anything',
  search: 'Search machines',
  help: 'Show this overview',
  settings: 'Settings',
  move: 'Move',
  extend: 'Mark a range',
  ends: 'First, last; a page up, down',
  type: 'Find by its first letters',
  open: 'Open the machine in full',
  mark: 'Mark or unmark',
  all: 'Mark all',
  menu: 'Menu of the machine',
  leave: 'Unmark all; leave or close the detail',
  release: 'Give the keyboard back to the window. Every other key goes to the machine.',
  letters: 'a–z',
})
