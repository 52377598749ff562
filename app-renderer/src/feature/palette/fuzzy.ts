/** Finds what was typed in a few fields, for instance an action and the machine it is for; pure. */

export interface Match {
  /** Higher is better. */
  readonly score: number
  /** Indexes of the letters that matched, in the fields joined by a space. */
  readonly at: readonly number[]
}

/** `direct`: words stand there as they were typed. `scattered`: their letters stand in this order in one field. */
export type Way = 'direct' | 'scattered'

const START = 100
const INSIDE = 50
const isBoundary = (text: string, index: number): boolean => index <= 0 || /[\s\-_.:/@]/.test(text[index - 1] ?? '')

const run = (from: number, length: number): readonly number[] => Array.from({ length }, (_, index) => from + index)

/** A word's beginning weighs more than any place inside one; a whole word and the very beginning a little more. */
const direct = (text: string, word: string): Match | null => {
  let inside: Match | null = null
  let start: Match | null = null
  for (let found = text.indexOf(word); found >= 0; found = text.indexOf(word, found + 1)) {
    const at = run(found, word.length)
    const end = found + word.length
    const score = (end === text.length || isBoundary(text, end + 1) ? 5 : 0) + (found === 0 ? 5 : 0)
    if (!isBoundary(text, found)) inside ??= { score: INSIDE, at }
    else if (!start || START + score > start.score) start = { score: START + score, at }
  }
  return start ?? inside
}

/** Letters in order; with `jump` each is taken at a word's beginning when there is one ahead. */
const letters = (text: string, word: string, jump: boolean): Match | null => {
  const at: number[] = []
  let score = 0
  let from = 0
  for (const letter of word) {
    let found = text.indexOf(letter, from)
    if (found < 0) return null
    for (let next = found; jump && next >= 0; next = text.indexOf(letter, next + 1))
      if (isBoundary(text, next)) {
        found = next
        break
      }
    if (isBoundary(text, found)) score += 6
    if (at.at(-1) === found - 1) score += 4
    score -= Math.min(3, found - from)
    at.push(found)
    from = found + 1
  }
  return { score, at }
}

const best = (matches: readonly (Match | null)[]): Match | null =>
  matches.reduce((one, other) => (other && (!one || other.score > one.score) ? other : one), null)

const inField = (text: string, word: string, way: Way): Match | null =>
  direct(text, word) ?? (way === 'scattered' ? best([letters(text, word, true), letters(text, word, false)]) : null)

/** Every word of the query must be found in one of the fields; null when one is not. No word matches everything. */
export const fuzzy = (fields: readonly string[], query: string, way: Way = 'direct'): Match | null => {
  const starts = fields.map((_, index) => fields.slice(0, index).reduce((sum, field) => sum + field.length + 1, 0))
  const at: number[] = []
  let score = 0
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const match = best(
      fields.map((field, index) => {
        const found = inField(field.toLowerCase(), word, way)
        // What stands first is what the line is about.
        return found && { score: found.score - index, at: found.at.map(each => each + (starts[index] ?? 0)) }
      }),
    )
    if (!match) return null
    score += match.score
    at.push(...match.at)
  }
  // Among equals the shorter text is the closer one.
  return { score: score - fields.join(' ').length / 100, at }
}
