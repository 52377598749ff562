/** Words of rpcgen's language and of C headers, which share their comments, numbers and punctuation. */

export interface Token {
  readonly kind: 'word' | 'number' | 'string' | 'punctuation' | 'end'
  readonly text: string
  readonly line: number
  /** The last `/** ... *\/` comment before it, where libvirt keeps annotations. */
  readonly doc: string
}

/** The source is not what the generator understands; the message says where. */
export class SourceError extends Error {
  override readonly name = 'SourceError'

  constructor(file: string, line: number, problem: string) {
    super(`${file}:${line}: ${problem}`)
  }
}

const pattern =
  /(?<space>\s+|\/\/[^\n]*|\/\*[^]*?\*\/)|(?<word>[A-Za-z_]\w*)|(?<number>0[xX][\da-fA-F]+|\d+)[uUlL]*|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<punctuation><<|>>|[^\s\w])/y

export function tokenize(file: string, source: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let doc = ''
  pattern.lastIndex = 0
  while (pattern.lastIndex < source.length) {
    const start = pattern.lastIndex
    const groups = pattern.exec(source)?.groups
    if (groups === undefined) throw new SourceError(file, line, `unexpected ${JSON.stringify(source[start])}`)
    const { space, word, number, string, punctuation } = groups
    if (space !== undefined) {
      if (space.startsWith('/**')) doc = space
      line += space.split('\n').length - 1
      continue
    }
    if (source.startsWith('/*', start)) throw new SourceError(file, line, 'a comment has no end')
    const kind =
      word !== undefined ? 'word' : number !== undefined ? 'number' : string !== undefined ? 'string' : 'punctuation'
    tokens.push({ kind, text: word ?? number ?? string ?? punctuation ?? '', line, doc })
    doc = ''
  }
  tokens.push({ kind: 'end', text: 'end of file', line, doc })
  return tokens
}

/** Walks over tokens and complains with the place. */
export class TokenCursor {
  readonly file: string
  readonly #tokens: readonly Token[]
  #index = 0

  constructor(file: string, tokens: readonly Token[]) {
    this.file = file
    this.#tokens = tokens
  }

  /** The next token, not taken; `ahead` of it when given. */
  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#index + ahead, this.#tokens.length - 1)]!
  }

  take(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.#index++
    return token
  }

  /** Takes the next token if it is `text`. */
  accept(text: string): boolean {
    if (this.peek().text !== text || this.peek().kind === 'end') return false
    this.take()
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) this.fail(`expected ${text}, found ${this.peek().text}`)
  }

  word(): string {
    if (this.peek().kind !== 'word') this.fail(`expected a name, found ${this.peek().text}`)
    return this.take().text
  }

  fail(problem: string): never {
    throw new SourceError(this.file, this.peek().line, problem)
  }
}
