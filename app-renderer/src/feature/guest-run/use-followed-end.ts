import { type RefObject, useEffect, useRef } from 'react'

/** So near to its end counts as at its end, in pixels. */
const NEAR = 24

/** A box that shows the end of what comes, unless a person scrolled back to read. */
export const useFollowedEnd = <T extends HTMLElement>(): RefObject<T | null> => {
  const box = useRef<T>(null)
  useEffect(() => {
    const element = box.current
    if (!element) return undefined
    let follows = true
    const scrolled = (): void => {
      follows = element.scrollHeight - element.scrollTop - element.clientHeight <= NEAR
    }
    const follow = (): void => {
      if (follows) element.scrollTop = element.scrollHeight
    }
    const grown = new MutationObserver(follow)
    const resized = new ResizeObserver(follow)
    element.addEventListener('scroll', scrolled, { passive: true })
    grown.observe(element, { childList: true, subtree: true, characterData: true })
    resized.observe(element)
    follow()
    return () => {
      element.removeEventListener('scroll', scrolled)
      grown.disconnect()
      resized.disconnect()
    }
  }, [])
  return box
}
