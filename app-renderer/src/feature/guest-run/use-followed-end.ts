import { type RefObject, useEffect, useRef } from 'react'

/** So near to its end counts as at its end, in pixels. */
const NEAR = 24

/** A box that scrolls on with what comes, unless a person scrolled back to read. */
export const useFollowedEnd = <T extends HTMLElement>(): RefObject<T | null> => {
  const box = useRef<T>(null)
  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    let follows = true
    const scrolled = (): void => {
      follows = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR
    }
    const grown = new MutationObserver(() => {
      if (follows) element.scrollTop = element.scrollHeight
    })
    element.addEventListener('scroll', scrolled, { passive: true })
    grown.observe(element, { childList: true, subtree: true, characterData: true })
    return () => {
      element.removeEventListener('scroll', scrolled)
      grown.disconnect()
    }
  }, [])
  return box
}
