import fc from 'fast-check'

type Path = readonly (string | number)[]

const paths = (value: unknown, path: Path = []): Path[] => {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...inner.flatMap(([key, one]) => paths(one, [...path, key]))]
}

const replaced = (value: unknown, [key, ...rest]: Path, by: unknown): unknown => {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((one: unknown, index) => (index === key ? replaced(one, rest, by) : one))
  if (typeof value !== 'object' || value === null) return value
  return { ...value, [key]: replaced(Reflect.get(value, key), rest, by) }
}

const number = fc.oneof(fc.nat(), fc.double(), fc.constantFrom(-1, 0, 2 ** 53, 1e300, -0.5))
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('', '..', 'a/b', 'up', '\u001b[2J', '<b>', '10.0.0.1/24', '__proto__'),
)
const anything = fc.oneof(number, text, fc.constantFrom(true, null, undefined), fc.jsonValue({ maxDepth: 2 }))

/** A good answer of which a few parts, the whole included, became something else. */
export const mutated = (answer: unknown): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(fc.nat(), anything), { maxLength: 3 }).map(changes =>
    changes.reduce<unknown>((value, [place, by]) => {
      const all = paths(value)
      return replaced(value, all[place % all.length] ?? [], by)
    }, answer),
  )
