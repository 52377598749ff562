/**
 * The one chord that takes the keyboard back from a console, for instance `Ctrl+Alt+Shift` (modifiers alone, pressed and
 * released) or `Ctrl+Alt+F12` (with a key). Everything else belongs to the guest.
 */
const MODIFIERS = ['Ctrl', 'Alt', 'Shift', 'Meta'] as const
type Modifier = (typeof MODIFIERS)[number]

export interface ReleaseChord {
  readonly modifiers: ReadonlySet<Modifier>
  /** `KeyboardEvent.code` of the key that ends it, null when it is made of modifiers only. */
  readonly code: string | null
}

/** What the tracker needs of a keyboard event. */
export interface KeyPress {
  readonly code: string
  readonly repeat?: boolean
}

const DEFAULT: ReleaseChord = { modifiers: new Set(['Ctrl', 'Alt', 'Shift']), code: null }

const keyCode = (key: string): string | null => {
  if (/^[A-Za-z]$/.test(key)) return `Key${key.toUpperCase()}`
  if (/^\d$/.test(key)) return `Digit${key}`
  if (/^F([1-9]|1\d|2[0-4])$/i.test(key)) return key.toUpperCase()
  return ['Escape', 'Pause', 'ScrollLock', 'Insert', 'Home', 'End'].includes(key) ? key : null
}

/** Reads a chord as people write it. What cannot be one (unknown key, a key or one modifier alone) gives the default chord. */
export const parseChord = (text: string): ReleaseChord => {
  const modifiers = new Set<Modifier>()
  let code: string | null = null
  for (const part of text.split('+').map(one => one.trim())) {
    const modifier = MODIFIERS.find(one => one.toLowerCase() === part.toLowerCase())
    if (modifier) modifiers.add(modifier)
    else if (code !== null || (code = keyCode(part)) === null) return DEFAULT
  }
  const enough = code === null ? modifiers.size >= 2 : modifiers.size >= 1
  return enough ? { modifiers, code } : DEFAULT
}

/** How the chord is written in the toolbar. */
export const chordLabel = (chord: ReleaseChord): string =>
  [
    ...MODIFIERS.filter(one => chord.modifiers.has(one)),
    ...(chord.code ? [chord.code.replace(/^(Key|Digit)/, '')] : []),
  ].join('+')

// By code, not by key: with Shift held X11 reports Alt as Meta.
const modifierOf = (code: string): Modifier | null => {
  const name = code
    .replace(/(Left|Right)$/, '')
    .replace('Control', 'Ctrl')
    .replace('OS', 'Meta')
  return MODIFIERS.find(one => one === name) ?? null
}

/** Follows the keys; `down` and `up` answer true at the event that completes the chord. */
export class ChordTracker {
  readonly #chord: ReleaseChord
  readonly #held = new Map<string, Modifier>()
  /** All modifiers of a chord without key were down together and nothing else was touched since. */
  #armed = false
  #spoiled = false

  constructor(chord: ReleaseChord) {
    this.#chord = chord
  }

  down({ code, repeat }: KeyPress): boolean {
    if (repeat) return false
    const modifier = modifierOf(code)
    if (!modifier) {
      this.#spoiled = true
      this.#armed = false
      return this.#chord.code === code && this.#exact()
    }
    this.#held.set(code, modifier)
    this.#armed = this.#chord.code === null && !this.#spoiled && this.#exact()
    return false
  }

  up({ code }: KeyPress): boolean {
    const complete = this.#armed && this.#held.has(code)
    this.#held.delete(code)
    this.#armed = false
    if (this.#held.size === 0) this.#spoiled = false
    if (complete) this.reset()
    return complete
  }

  /** Focus went elsewhere: key releases may have been missed. */
  reset(): void {
    this.#held.clear()
    this.#armed = false
    this.#spoiled = false
  }

  #exact(): boolean {
    const now = new Set(this.#held.values())
    return now.size === this.#chord.modifiers.size && [...now].every(one => this.#chord.modifiers.has(one))
  }
}
