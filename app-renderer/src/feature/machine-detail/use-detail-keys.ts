/** Where the keyboard goes when the detail takes the list's place, and when it gives it back. */
import { type KeyboardEvent, type RefObject, useEffect, useLayoutEffect, useRef } from 'react'
import { useRoute, useStores } from '../../store/hooks.ts'
import { focusMachines } from '../shortcut/focus-machines.ts'

const nobodyHasIt = (): boolean => document.activeElement === document.body

/** After what is being painted: the list comes back with it. */
const backToList = (): void => {
  requestAnimationFrame(() => {
    if (nobodyHasIt()) focusMachines()
  })
}

interface DetailKeys {
  readonly region: RefObject<HTMLElement | null>
  readonly onKeyDown: (event: KeyboardEvent) => void
}

export const useDetailKeys = (wide: boolean): DetailKeys => {
  const { ui } = useStores()
  const route = useRoute()
  const region = useRef<HTMLElement>(null)
  const wasWide = useRef(false)

  useEffect(() => {
    // What had the keyboard went with the list, or with the button that was pressed.
    if ((wide || wasWide.current) && nobodyHasIt()) region.current?.focus()
    wasWide.current = wide
  }, [wide])

  useLayoutEffect(() => {
    const element = region.current
    return () => {
      if (element?.contains(document.activeElement)) backToList()
    }
  }, [])

  const onKeyDown = (event: KeyboardEvent): void => {
    const { currentTarget, target } = event
    // Menus and dialogs stand elsewhere in the document; in full screen the key is the browser's.
    const ours = target instanceof Node && currentTarget.contains(target) && document.fullscreenElement === null
    if (event.key !== 'Escape' || event.defaultPrevented || !ours) return
    event.preventDefault()
    if (!wide) focusMachines()
    else if (route.wide) {
      ui.go({ wide: false })
      requestAnimationFrame(focusMachines)
    } else ui.go({ machine: null })
  }
  return { region, onKeyDown }
}
