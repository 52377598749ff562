/** The one i18next instance. Features register their English text beside their code (`defineText`), so nothing central grows. */
import { createInstance, type i18n as I18n } from 'i18next'
import { pseudo } from './pseudo.ts'

/** Messages of one feature; plural forms end in `_one`, `_other`, ... */
export type Messages = Readonly<Record<string, string>>

/** The mirrored pseudo-locale that proves layout and completeness. */
export const PSEUDO = 'en-XB'
export const LOCALES = ['en', PSEUDO] as const

const english = new Map<string, Messages>()

export const i18n: I18n = createInstance()
void i18n.init({
  lng: 'en',
  fallbackLng: 'en',
  initAsync: false,
  resources: {},
  // React escapes; escaping twice would show entities.
  interpolation: { escapeValue: false },
  // A machine may be called "a.b:c": keys are flat, values are never looked up again.
  keySeparator: false,
  nsSeparator: false,
  react: { useSuspense: false },
})

const addPseudo = (namespace: string, messages: Messages): void => {
  const decorated = Object.fromEntries(Object.entries(messages).map(([key, text]) => [key, pseudo(text)]))
  i18n.addResourceBundle(PSEUDO, namespace, decorated, true, true)
}

/** Makes a feature's English text known. */
export const addEnglish = (namespace: string, messages: Messages): void => {
  english.set(namespace, messages)
  i18n.addResourceBundle('en', namespace, messages, true, true)
  if (i18n.language === PSEUDO) addPseudo(namespace, messages)
}

/** Resolves `system` and unknown tags to a locale we have. */
export const resolveLocale = (wanted: string, system: readonly string[]): string => {
  const candidates = wanted === 'system' ? system : [wanted]
  for (const tag of candidates) {
    if (tag === PSEUDO) return PSEUDO
    if (tag.split('-')[0] === 'en') return tag
  }
  return 'en'
}

export const directionOf = (locale: string): 'ltr' | 'rtl' => (locale === PSEUDO ? 'rtl' : 'ltr')

/** Switches the language of every visible string. */
export const changeLocale = async (locale: string): Promise<void> => {
  if (locale === PSEUDO) for (const [namespace, messages] of english) addPseudo(namespace, messages)
  await i18n.changeLanguage(locale)
}
