/** A guest's output on a terminal: text, line ends, tabs and colours; nothing that scripts the terminal. */
import { StringDecoder } from 'node:string_decoder'
import { printable } from './text.ts'

/** Colours and weights only: `ESC [ numbers m`. */
const COLOUR = /^\u001b\[[\d;:]*m/
const BEGUN = /^\u001b(\[[\d;:]{0,32})?$/
const PIECES = /\u001b(?:\[[\d;:]*m?)?|[^\u001b]+/g

export interface TerminalText {
  take(bytes: Uint8Array): string
  /** What was held back because it might have become a colour; and no colour stays behind. */
  end(): string
}

const shown = (piece: string): string =>
  COLOUR.test(piece)
    ? piece
    : piece
        .split(/([\n\r\t\b])/)
        .map((part, index) => (index % 2 === 1 ? part : printable(part)))
        .join('')

export const terminalText = (): TerminalText => {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let coloured = false
  return {
    take(bytes) {
      const pieces = (rest + decoder.write(Buffer.from(bytes))).match(PIECES) ?? []
      rest = ''
      const last = pieces.at(-1)
      if (last !== undefined && BEGUN.test(last)) rest = pieces.pop() ?? ''
      coloured ||= pieces.some(piece => COLOUR.test(piece))
      return pieces.map(shown).join('')
    },
    end() {
      const tail = shown(rest + decoder.end())
      rest = ''
      return tail + (coloured ? '\u001b[0m' : '')
    },
  }
}
