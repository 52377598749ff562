/** The three streams and what a person said yes to. */
import { createInterface } from 'node:readline/promises'
import type { AppError } from '../../contract/index.ts'
import { printable, printableLines } from './text.ts'

export const print = (text: string): void => void process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
/** For people: standard output stays for the answer. */
export const note = (text: string): void => void process.stderr.write(`${printableLines(text)}\n`)

export const complain = (error: AppError): void => {
  note(`vireo: ${error.message}`)
  if (error.kind === 'ambiguous') for (const candidate of error.candidates) note(`  ${printable(candidate)}`)
  if (error.hint) note(error.hint)
  if ('fix' in error) for (const command of error.fix ?? []) note(`  ${command}`)
}

export const confirmed = async (question: string): Promise<boolean> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  const given = await lines.question(`${printable(question)} [y/N] `).catch(() => '')
  lines.close()
  return /^y(es)?$/i.test(given.trim())
}

/** A line that is overwritten; nothing at all where nobody watches. */
export const progressLine = () => {
  const live = process.stderr.isTTY
  return {
    show(text: string) {
      if (live) process.stderr.write(`\r\u001b[K${printable(text).slice(0, (process.stderr.columns || 80) - 1)}`)
    },
    clear() {
      if (live) process.stderr.write('\r\u001b[K')
    },
  }
}
