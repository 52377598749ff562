import { RemoteError, type DomainSummary } from '../../contract/index.ts'
import { printable } from './text.ts'

/** Steps of one letter from one word to another, given up above `limit`. */
const distance = (from: string, to: string, limit: number): number => {
  if (Math.abs(from.length - to.length) > limit) return limit + 1
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const swap = (previous[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      current.push(Math.min(swap, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[to.length] ?? 0
}

/** Up to three names that the person may have meant. */
export const nearest = (text: string, names: readonly string[]): string[] => {
  const wanted = text.toLowerCase().slice(0, 64)
  // Two neighbouring letters swapped are two steps.
  const limit = wanted.length < 3 ? 1 : Math.max(2, Math.floor(wanted.length / 3))
  const near = (name: string) => {
    const word = name.toLowerCase()
    return wanted.length > 2 && word.includes(wanted) ? 0.5 : distance(wanted, word, limit)
  }
  return [...new Set(names)]
    .map(name => ({ name, steps: near(name) }))
    .filter(({ steps }) => steps <= limit)
    .sort((a, b) => a.steps - b.steps)
    .slice(0, 3)
    .map(({ name }) => name)
}

/**
 * Finds the machine meant by a name, a UUID or a full id: exact matches only, nothing is a pattern. Throws `not-found`
 * with the nearest names, or `ambiguous` with the ids of all that fit.
 */
export const resolveDomain = (domains: readonly DomainSummary[], text: string): DomainSummary => {
  const uuid = text.toLowerCase()
  const found = domains.filter(({ id, name, uuid: own }) => name === text || own.toLowerCase() === uuid || id === text)
  const [first, second] = found
  if (first && !second) return first
  const shown = printable(text.length > 80 ? `${text.slice(0, 80)}…` : text)
  if (first) {
    throw new RemoteError({
      kind: 'ambiguous',
      message: `“${shown}” fits ${found.length} machines.`,
      hint: 'Narrow it with --connection URI, or give one of these ids.',
      candidates: found.map(({ id }) => id),
    })
  }
  const names = nearest(
    text,
    domains.map(({ name }) => name),
  )
  throw new RemoteError({
    kind: 'not-found',
    message: `There is no machine “${shown}”.`,
    ...(names.length ? { hint: `Did you mean ${names.map(name => printable(name)).join(', ')}?` } : {}),
  })
}

/** The connection of a full id, so that only that one has to be opened. */
export const connectionIn = (text: string): string | undefined => /^[^@]+@([a-z][a-z0-9+-]*:\/\/.*)$/s.exec(text)?.[1]
