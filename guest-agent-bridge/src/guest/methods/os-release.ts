/** os-release(5): shell assignments, quoted or not. */
const unquote = (text: string): string => {
  const quote = text[0]
  if (quote !== '"' && quote !== "'") return text
  const inner = text.endsWith(quote) ? text.slice(1, -1) : text.slice(1)
  return quote === '"' ? inner.replaceAll(/\\([\\"$`])/g, '$1') : inner
}

export const parseOsRelease = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text.split('\n').flatMap(line => {
      const match = /^([A-Z0-9_]+)=(.*)$/.exec(line.trim())
      return match?.[1] === undefined ? [] : [[match[1], unquote(match[2] ?? '')] as const]
    }),
  )
