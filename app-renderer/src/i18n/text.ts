import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { addEnglish, directionOf, i18n, type Messages } from './i18n.ts'

type PluralForm = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other'
type KeyOf<T> = keyof T extends infer K ? (K extends `${infer Base}_${PluralForm}` ? Base : K & string) : never

/** `count` chooses the plural form; other values replace `{{name}}`. */
export type Values = Readonly<Record<string, string | number>>
export type Translate<T> = (key: KeyOf<T>, values?: Values) => string

/** i18next's own key type grows with every feature; ours is checked per feature, by `KeyOf`. */
type PlainTranslate = (key: string, options: Record<string, unknown>) => string

/** Names and addresses keep their own direction inside a right-to-left sentence, and do not turn what stands around them. */
const isolated = (values: Values): Values =>
  directionOf(i18n.language) === 'ltr'
    ? values
    : Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? `\u2068${value}\u2069` : value]),
      )

/**
 * Registers the English text of one feature and gives its typed accessors: `useText` for components (follows the language),
 * `text` for code outside React.
 */
export const defineText = <const T extends Messages>(
  namespace: string,
  messages: T,
): { useText: () => Translate<T>; text: Translate<T> } => {
  addEnglish(namespace, messages)
  return {
    useText: () => {
      const { t } = useTranslation(namespace, { i18n })
      return useCallback<Translate<T>>((key, values) => (t as PlainTranslate)(key, { ...isolated(values ?? {}) }), [t])
    },
    text: (key, values) => (i18n.t as PlainTranslate)(key, { ...isolated(values ?? {}), ns: namespace }),
  }
}
