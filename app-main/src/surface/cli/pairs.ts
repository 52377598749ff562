import { printable } from './text.ts'

/** Names and values, one a line; what is not known is left out. */
export const pairs = (entries: readonly (readonly [string, string | null])[]): string => {
  const known = entries.filter((entry): entry is readonly [string, string] => entry[1] !== null && entry[1] !== '')
  const longest = Math.max(...known.map(([key]) => key.length))
  // A further line is indented, so that it can never pass for another entry.
  const indented = (value: string) =>
    value
      .trimEnd()
      .split('\n')
      .map(printable)
      .join(`\n${' '.repeat(longest + 2)}`)
  return known.map(([key, value]) => `${key.padEnd(longest)}  ${indented(value)}`).join('\n')
}
