/** Colours for XML, line by line. No parser: it never fails, whatever the text is. */
export type TokenKind = 'text' | 'mark' | 'name' | 'attribute' | 'value' | 'comment'
export interface Token {
  readonly kind: TokenKind
  readonly text: string
}

/** What a line begins inside of. */
type Place = 'text' | 'tag' | 'comment' | 'cdata' | 'instruction' | '"' | "'"

interface Rule {
  readonly pattern: RegExp
  readonly kind: TokenKind
  readonly then?: Place
}

const rest = (kind: TokenKind, end: string, then: Place): Rule[] => [
  { pattern: new RegExp(`[^]*?${end}`, 'y'), kind, then },
  { pattern: /[^]+/y, kind },
]

// Each place lists what may stand there; the last rule of each takes whatever is left, so that every pass moves on.
const RULES: Readonly<Record<Place, readonly Rule[]>> = {
  text: [
    { pattern: /<!--/y, kind: 'comment', then: 'comment' },
    { pattern: /<!\[CDATA\[/y, kind: 'mark', then: 'cdata' },
    { pattern: /<\?/y, kind: 'mark', then: 'instruction' },
    { pattern: /<\/?/y, kind: 'mark', then: 'tag' },
    { pattern: /[^<]+/y, kind: 'text' },
  ],
  tag: [
    { pattern: /\/?>/y, kind: 'mark', then: 'text' },
    { pattern: /"/y, kind: 'value', then: '"' },
    { pattern: /'/y, kind: 'value', then: "'" },
    { pattern: /(?<=<\/?)[^\s/>"'=]+/y, kind: 'name' },
    { pattern: /[^\s/>"'=]+/y, kind: 'attribute' },
    { pattern: /[\s/=]/y, kind: 'mark' },
  ],
  comment: rest('comment', '-->', 'text'),
  cdata: rest('text', '\\]\\]>', 'text'),
  instruction: rest('mark', '\\?>', 'text'),
  '"': rest('value', '"', 'tag'),
  "'": rest('value', "'", 'tag'),
}

const lineTokens = (line: string, start: Place): { tokens: Token[]; end: Place } => {
  const tokens: Token[] = []
  let place = start
  let at = 0
  while (at < line.length) {
    const before = at
    for (const rule of RULES[place]) {
      rule.pattern.lastIndex = at
      const found = rule.pattern.exec(line)?.[0]
      if (!found) continue
      tokens.push({ kind: rule.kind, text: found })
      at += found.length
      place = rule.then ?? place
      break
    }
    if (at === before) throw new Error(`No rule for ${JSON.stringify(line.slice(at, at + 20))} in ${place}`)
  }
  return { tokens, end: place }
}

/** One list of tokens per line; joined they are the text again. */
export const tokenizeXml = (xml: string): readonly (readonly Token[])[] => {
  let place: Place = 'text'
  return xml.split('\n').map(line => {
    const { tokens, end } = lineTokens(line, place)
    place = end
    return tokens
  })
}
