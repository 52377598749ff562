import { afterEach, expect, test } from 'vitest'
import { changeLocale, directionOf, i18n, PSEUDO, resolveLocale } from './i18n.ts'
import { pseudo } from './pseudo.ts'
import { defineText } from './text.ts'

// Every feature's text, as the window loads it.
const loaded = import.meta.glob<Record<string, unknown>>(
  ['../**/text.ts', '../feature/notices/place.ts', '!./text.ts'],
  {
    eager: true,
  },
)

afterEach(() => changeLocale('en'))

const bundle = (locale: string, namespace: string): Record<string, string> =>
  i18n.getResourceBundle(locale, namespace) as Record<string, string>

const namespaces = (): string[] => Object.keys(i18n.services.resourceStore.data['en'] ?? {})

const placeholders = (text: string): string[] => (text.match(/\{\{[^}]*\}\}/g) ?? []).toSorted()

test('every feature brings its text', () => {
  expect(Object.keys(loaded).length).toBeGreaterThan(8)
  expect(namespaces()).toContain('machineList')
})

test('the pseudo-locale has every message, with the same values in it', async () => {
  await changeLocale(PSEUDO)
  for (const namespace of namespaces()) {
    const [english, mirrored] = [bundle('en', namespace), bundle(PSEUDO, namespace)]
    expect(Object.keys(mirrored), namespace).toEqual(Object.keys(english))
    for (const [key, text] of Object.entries(english))
      expect(placeholders(mirrored[key] ?? ''), `${namespace}.${key}`).toEqual(placeholders(text))
  }
})

test('no message is empty, and plurals have both of their English forms', () => {
  for (const namespace of namespaces())
    for (const [key, text] of Object.entries(bundle('en', namespace))) {
      expect(text.trim(), `${namespace}.${key}`).not.toBe('')
      const other = key.endsWith('_one') ? key.replace(/_one$/, '_other') : key.replace(/_other$/, '_one')
      expect(Object.keys(bundle('en', namespace)), `${namespace}.${key}`).toContain(other)
    }
})

test('values are text: they are neither looked up nor replaced again', () => {
  const { text } = defineText('sample', { hello: 'Hello {{name}}', secret: 'secret' })
  expect(text('hello', { name: '$t(secret) {{name}} <b>' })).toBe('Hello $t(secret) {{name}} <b>')
})

test('from right to left a value keeps its own direction and turns nothing around it', async () => {
  const { text } = defineText('isolated', { gone: '{{place}} does not answer.', many: '{{count}} of them' })
  await changeLocale(PSEUDO)
  expect(text('gone', { place: 'qemu:///system' })).toBe('⟦\u2068qemu:///system\u2069 döéš ñöt áñšwér.⟧')
  expect(text('many', { count: 3 })).toBe('⟦3 öf thém⟧')
})

test('decorated text keeps values and tags', () => {
  expect(pseudo('Start {{name}} <b>now</b>')).toBe('⟦Štárt {{name}} <b>ñöw</b>⟧')
})

test('languages resolve to one we have, and only the mirrored one runs from right to left', () => {
  expect(resolveLocale('system', ['fr-FR', 'en-GB'])).toBe('en-GB')
  expect(resolveLocale('system', ['fr-FR'])).toBe('en')
  expect(resolveLocale('tlh', ['de'])).toBe('en')
  expect(resolveLocale(PSEUDO, [])).toBe(PSEUDO)
  expect([directionOf('en-GB'), directionOf(PSEUDO)]).toEqual(['ltr', 'rtl'])
})
