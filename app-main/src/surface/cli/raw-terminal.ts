/** A terminal that hands every byte through, both ways. */
import { execFileSync } from 'node:child_process'
import { createLog } from '../../base/log.ts'

const log = createLog('terminal')

/** Bound for a program that needs no time, in milliseconds. */
const STTY_MS = 5000

const stty = (...args: string[]): string =>
  execFileSync('stty', args, { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8', timeout: STTY_MS }).trim()

/**
 * Makes the terminal on standard input raw; gives what brings it back, which may be called again. Node's own raw mode
 * would still put a carriage return before each line feed. It is used only where there is no `stty`.
 */
export const rawTerminal = (): (() => void) => {
  const { stdin } = process
  if (!stdin.isTTY) return () => undefined
  const undo = withStty() ?? withNode()
  let done = false
  const restore = () => {
    if (done) return
    done = true
    process.off('exit', restore)
    undo()
  }
  process.on('exit', restore)
  return restore
}

const withStty = (): (() => void) | undefined => {
  try {
    const saved = stty('-g')
    stty('raw', '-echo')
    return () => {
      try {
        stty(saved)
      } catch (error) {
        // As when the window was closed: there is no terminal any more.
        log.debug('the terminal was not restored', { error })
      }
    }
  } catch (error) {
    log.debug('stty is of no use', { error })
    return undefined
  }
}

const withNode = (): (() => void) => {
  process.stdin.setRawMode(true)
  return () => void process.stdin.setRawMode(false)
}
