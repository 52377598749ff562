import { defineText } from '../../i18n/text.ts'

export const { useText, text } = defineText('settings', {
  title: 'Settings',
  theme: 'Appearance',
  'theme.system': 'Like the system',
  'theme.light': 'Light',
  'theme.dark': 'Dark',
  locale: 'Language',
  'locale.system': 'Like the system',
  'locale.en': 'English',
  'locale.en-XB': 'Mirrored English (for testing)',
  releaseChord: 'Keys that leave a console',
  fontSize: 'Size of serial text',
  scale: 'Screens',
  'scale.fit': 'Fit the window',
  'scale.actual': 'Actual size',
  resize: 'The guest’s resolution follows the window',
  failed: 'The setting was not kept',
  about: 'Vireo {{version}} on {{hostname}}',
})
