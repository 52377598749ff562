import { copyToClipboard, showToast } from '../../ui/index.ts'
import type { TerminalView } from './terminal-view.ts'
import { text } from './text.ts'

/** Longest paste, in UTF-16 units: a serial line takes kilobytes a second. */
const LONGEST = 256 * 1024

export const copySelection = async (view: TerminalView): Promise<void> => {
  const selected = view.terminal.getSelection()
  if (selected) await copyToClipboard(selected)
  else showToast({ tone: 'info', title: text('nothingSelected') })
}

/** Pastes as if typed; xterm.js brackets it where the guest asked for that. */
export const pasteInto = async (view: TerminalView): Promise<void> => {
  try {
    const given = await navigator.clipboard.readText()
    if (given.length > LONGEST) showToast({ tone: 'fail', title: text('pasteTooLong') })
    else view.terminal.paste(given)
    view.terminal.focus()
  } catch {
    showToast({ tone: 'fail', title: text('pasteRefused') })
  }
}
