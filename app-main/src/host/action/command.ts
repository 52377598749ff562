/** Commands as data, and as the line that a person would type. */
export interface Step {
  readonly argv: readonly string[]
  /** Given on standard input. */
  readonly input?: string
}

export const step = (...argv: readonly string[]): Step => ({ argv })

/** A file of one's own with this content, replaced whole. */
export const writing = (file: string, content: string): Step => ({ argv: ['tee', file], input: content })

const PLAIN = /^[\w@%+=:,./-]+$/
/** As a POSIX shell takes it for one word. */
export const quoted = (word: string): string =>
  PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

/** What a person sees is, character by character, what runs. */
export const lineOf = ({ argv, input }: Step): string => {
  const command = argv.map(quoted).join(' ')
  return input === undefined ? command : `printf '%s\\n' ${quoted(input)} | ${command}`
}

/** One script of all lines, each told before it runs; it ends at the first that fails. */
export const scriptOf = (lines: readonly string[]): string =>
  ['set -e', ...lines.flatMap(line => [`printf '%s\\n' ${quoted(`$ ${line}`)}`, line])].join('\n')
