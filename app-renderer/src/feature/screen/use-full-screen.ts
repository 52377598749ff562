import { useEffect, useState } from 'react'

interface KeyboardLock {
  lock?(): Promise<void>
  unlock?(): void
}

// Not in TypeScript's DOM yet: https://developer.mozilla.org/docs/Web/API/Keyboard
const keyboard = (): KeyboardLock | undefined => (navigator as { keyboard?: KeyboardLock }).keyboard

export interface FullScreen {
  readonly on: boolean
  toggle(): Promise<void>
}

/**
 * Full screen for one pane, which covers the window while `on`; the whole document goes full screen, so that menus and
 * dialogs do not stay behind. There, where the browser can, even Escape, Alt+Tab and Super reach the guest.
 */
export const useFullScreen = (): FullScreen => {
  const [on, setOn] = useState(false)
  useEffect(() => {
    if (!on) return undefined
    const changed = (): void => {
      if (!document.fullscreenElement) setOn(false)
    }
    document.addEventListener('fullscreenchange', changed)
    return () => {
      document.removeEventListener('fullscreenchange', changed)
      keyboard()?.unlock?.()
      if (document.fullscreenElement) void document.exitFullscreen()
    }
  }, [on])
  return {
    on,
    async toggle() {
      if (on) return setOn(false)
      await document.documentElement.requestFullscreen({ navigationUI: 'hide' })
      setOn(true)
      await keyboard()?.lock?.()
    },
  }
}
