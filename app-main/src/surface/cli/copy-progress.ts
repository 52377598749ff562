/** How far a copy is, on a terminal's standard error. */
import { progressLine } from './terminal.ts'
import { size } from './text.ts'

/** Between two lines, in milliseconds. */
const EVERY_MS = 200

/** `whole` is null where the size is not known. */
export const copyProgress = (name: string, whole: number | null) => {
  const line = progressLine()
  let first: { readonly at: number; readonly bytes: number } | undefined
  let shownAt = 0
  return {
    show(bytes: number): void {
      const now = Date.now()
      first ??= { at: now, bytes }
      if (now - shownAt < EVERY_MS) return
      shownAt = now
      const seconds = (now - first.at) / 1000
      const speed = seconds > 0.5 ? `, ${size(Math.round((bytes - first.bytes) / seconds))}/s` : ''
      const part = whole === null || whole === 0 ? '' : ` of ${size(whole)}, ${Math.floor((100 * bytes) / whole)} %`
      line.show(`${name}: ${size(bytes)}${part}${speed}`)
    },
    clear: () => line.clear(),
  }
}
