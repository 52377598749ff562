/** Key combinations that a browser or desktop would keep for itself, to be sent by name. */
export interface Stroke {
  readonly keysym: number
  readonly code: string
}

const CTRL: Stroke = { keysym: 0xffe3, code: 'ControlLeft' }
const ALT: Stroke = { keysym: 0xffe9, code: 'AltLeft' }
const SUPER: Stroke = { keysym: 0xffeb, code: 'MetaLeft' }

const functionKey = (number: number): Stroke => ({ keysym: 0xffbd + number, code: `F${number}` })

export interface Combo {
  /** As it is written on keyboards; not translated. */
  readonly label: string
  readonly strokes: readonly Stroke[]
}

export const COMBOS: readonly Combo[] = [
  { label: 'Ctrl+Alt+Del', strokes: [CTRL, ALT, { keysym: 0xffff, code: 'Delete' }] },
  { label: 'Ctrl+Alt+Backspace', strokes: [CTRL, ALT, { keysym: 0xff08, code: 'Backspace' }] },
  { label: 'Alt+Tab', strokes: [ALT, { keysym: 0xff09, code: 'Tab' }] },
  { label: 'Alt+F4', strokes: [ALT, functionKey(4)] },
  { label: 'Super', strokes: [SUPER] },
  { label: 'Print', strokes: [{ keysym: 0xff61, code: 'PrintScreen' }] },
]

/** Virtual terminals of a Linux guest. */
export const TERMINALS: readonly Combo[] = Array.from({ length: 12 }, (_, at) => ({
  label: `Ctrl+Alt+F${at + 1}`,
  strokes: [CTRL, ALT, functionKey(at + 1)],
}))

/** Presses the keys in order and releases them in reverse. */
export const sendCombo = (combo: Combo, sendKey: (keysym: number, code: string, down: boolean) => void): void => {
  for (const { keysym, code } of combo.strokes) sendKey(keysym, code, true)
  for (const { keysym, code } of combo.strokes.toReversed()) sendKey(keysym, code, false)
}
