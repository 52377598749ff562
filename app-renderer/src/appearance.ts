/** Theme, language and size of the window, put where style and assistive technology look for them. */
import { useEffect, useState, useSyncExternalStore } from 'react'
import { changeLocale, directionOf, PSEUDO, resolveLocale } from './i18n/i18n.ts'
import { useSettings } from './store/hooks.ts'

/** Writes the theme onto the document; `system` leaves the choice to the system. */
export const useAppearance = (): void => {
  const { theme } = useSettings()
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
  }, [theme])
}

/** Follows the chosen language; gives the locale for React Aria, which decides direction by it. */
export const useLocale = (): string => {
  const { locale } = useSettings()
  const wanted = resolveLocale(locale, navigator.languages)
  const [current, setCurrent] = useState('en')
  useEffect(() => {
    let latest = true
    void changeLocale(wanted).then(() => {
      if (!latest) return
      document.documentElement.lang = wanted
      document.documentElement.dir = directionOf(wanted)
      setCurrent(wanted)
    })
    return () => {
      latest = false
    }
  }, [wanted])
  // React Aria does not know our pseudo-locale: any right-to-left one mirrors it.
  return current === PSEUDO ? 'ar' : current
}

const NARROW = '(width < 700px)'

/** True when list and detail do not fit side by side. */
export const useNarrow = (): boolean =>
  useSyncExternalStore(
    listener => {
      const query = matchMedia(NARROW)
      query.addEventListener('change', listener)
      return () => query.removeEventListener('change', listener)
    },
    () => matchMedia(NARROW).matches,
  )
