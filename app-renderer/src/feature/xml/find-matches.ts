export interface Match {
  readonly line: number
  /** Where it begins in the line, in UTF-16 units. */
  readonly start: number
  readonly length: number
}

/** More than anybody steps through. */
const MOST = 10_000

/** Where a text occurs, upper and lower case alike, in reading order; at most 10,000 places. */
export const findMatches = (lines: readonly string[], term: string): readonly Match[] => {
  if (term === '') return []
  // Case folding may change lengths, a pattern does not.
  const pattern = new RegExp(term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'giu')
  const matches: Match[] = []
  for (const [line, content] of lines.entries())
    for (const found of content.matchAll(pattern)) {
      matches.push({ line, start: found.index, length: found[0].length })
      if (matches.length === MOST) return matches
    }
  return matches
}
