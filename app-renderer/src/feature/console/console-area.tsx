import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from 'react'
import { useSettings } from '../../store/hooks.ts'
import { cx } from '../../ui/index.ts'
import s from './console.module.css'
import { ChordTracker, chordLabel, parseChord } from './release-chord.ts'
import { useText } from './text.ts'

interface ConsoleAreaProps {
  label: string
  /** Who gets the keyboard when the person takes it back. */
  releaseTo: RefObject<HTMLElement | null>
  /** The guest sees keys go down and up: those still down when focus leaves are released for it. */
  rawKeys?: boolean
  children: ReactNode
}

/**
 * The part of a console that owns the keyboard while it has focus: keys go to the guest and to nobody else in the window,
 * until the release chord.
 */
export const ConsoleArea = ({ label, releaseTo, rawKeys = false, children }: ConsoleAreaProps) => {
  const area = useRef<HTMLDivElement>(null)
  const t = useText()
  const { releaseChord } = useSettings()
  const chord = useMemo(() => parseChord(releaseChord), [releaseChord])
  const [held, setHeld] = useState(false)

  useEffect(() => {
    const element = area.current
    if (!element) return undefined
    return keepKeys(element, new ChordTracker(chord), {
      rawKeys,
      held: setHeld,
      release: () => releaseTo.current?.querySelector<HTMLElement>('button')?.focus(),
    })
  }, [chord, releaseTo, rawKeys])

  return (
    <div
      ref={area}
      className={cx(s.area, held && s.held)}
      role="group"
      aria-label={label}
      aria-description={t('release', { chord: chordLabel(chord) })}
      data-console
    >
      {children}
    </div>
  )
}

interface KeyHooks {
  readonly rawKeys: boolean
  held(held: boolean): void
  release(): void
}

/** Watches the keys of one element; gives the disposer. */
const keepKeys = (element: HTMLElement, tracker: ChordTracker, hooks: KeyHooks): (() => void) => {
  const listeners = new AbortController()
  const { signal } = listeners
  const down = new Map<string, string>()
  const isConsole = (target: EventTarget | null): boolean =>
    target instanceof Element && target.closest('[data-console-input]') !== null
  const onKey = (event: KeyboardEvent): void => {
    if (!event.isTrusted || !isConsole(event.target)) return
    if (event.type === 'keydown') down.set(event.code, event.key)
    else down.delete(event.code)
    if (!(event.type === 'keydown' ? tracker.down(event) : tracker.up(event))) return
    event.preventDefault()
    event.stopImmediatePropagation()
    hooks.release()
  }
  for (const type of ['keydown', 'keyup'] as const) {
    element.addEventListener(type, onKey, { capture: true, signal })
    // The window's own shortcuts listen further out.
    element.addEventListener(type, event => (isConsole(event.target) ? event.stopPropagation() : undefined), { signal })
  }
  element.addEventListener('focusin', event => hooks.held(isConsole(event.target)), { signal })
  element.addEventListener(
    'focusout',
    event => {
      hooks.held(false)
      tracker.reset()
      // Their real release will go elsewhere.
      const keyUp = (code: string, key: string) => new KeyboardEvent('keyup', { code, key })
      if (hooks.rawKeys) for (const [code, key] of down) event.target?.dispatchEvent(keyUp(code, key))
      down.clear()
    },
    { signal },
  )
  return () => listeners.abort()
}
