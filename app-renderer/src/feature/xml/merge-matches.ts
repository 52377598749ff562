import type { Match } from './find-matches.ts'
import type { Token } from './tokenize.ts'

export interface Piece extends Token {
  readonly match: Match | null
}

/** Cuts a line's tokens where matches begin and end. */
export const mergeMatches = (tokens: readonly Token[], matches: readonly Match[]): readonly Piece[] => {
  const pieces: Piece[] = []
  let at = 0
  let next = 0
  for (const { kind, text } of tokens) {
    const end = at + text.length
    let from = at
    while (from < end) {
      while (next < matches.length && endOf(matches[next]) <= from) next++
      const match = matches[next]
      const inside = match !== undefined && match.start <= from
      const to = Math.min(end, match === undefined ? end : inside ? endOf(match) : match.start)
      pieces.push({ kind, text: text.slice(from - at, to - at), match: inside ? match : null })
      from = to
    }
    at = end
  }
  return pieces
}

const endOf = (match: Match | undefined): number => (match ? match.start + match.length : 0)
