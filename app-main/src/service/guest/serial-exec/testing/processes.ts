/** What a test looks at around a line: what it says, and what runs because of it. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Duplex } from 'node:stream'

/** Everything a line says until it has said `wanted`. */
export const heardUntil = (line: Duplex, wanted: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    line.on('error', reject)
    line.on('data', function hear(bytes: Buffer) {
      text += bytes.toString()
      if (!text.includes(wanted)) return
      line.off('data', hear)
      resolve(text)
    })
  })

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return ''
  }
}

/** Whether a process has exactly this command line. */
export const lives = (command: string): boolean =>
  readdirSync('/proc').some(name => /^\d+$/.test(name) && commandOf(name) === command)
