/** What may not stand in any text that a guest gave, apart from the true names of its files. */
import { RemoteError } from '@vireo/app-main/contract'

const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/

/** A file's name goes back to the guest as it is: whoever shows it makes it harmless. */
const isTrueName = (parent: object, key: string): boolean =>
  'linkTarget' in parent && (key === 'name' || key === 'linkTarget')

/** Throws when a text in what came of a question, or in its failure, holds what a terminal would obey. */
export const checkHarmless = (value: unknown): void => {
  const whole: unknown = value instanceof RemoteError ? value.detail : value
  if (typeof whole !== 'object' || whole === null) return
  for (const [key, inner] of Object.entries(whole)) {
    if (typeof inner !== 'string') checkHarmless(inner)
    else if (HARMFUL.test(inner) && !isTrueName(whole, key)) throw new Error(`${key} is ${JSON.stringify(inner)}`)
  }
}
