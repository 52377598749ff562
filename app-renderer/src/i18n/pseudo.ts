const ACCENTS: Readonly<Record<string, string>> = {
  a: 'á',
  c: 'ç',
  e: 'é',
  i: 'î',
  n: 'ñ',
  o: 'ö',
  s: 'š',
  u: 'û',
  y: 'ý',
  A: 'Å',
  C: 'Ç',
  E: 'É',
  I: 'Ï',
  N: 'Ñ',
  O: 'Ö',
  S: 'Š',
  U: 'Ü',
}

/** Decorates a message so that untranslated and clipped text stands out; `{{values}}` and `<tags>` stay as they are. */
export const pseudo = (message: string): string => {
  const parts = message.split(/(\{\{[^}]*\}\}|<[^>]*>)/)
  const decorated = parts.map((part, at) =>
    at % 2 ? part : part.replace(/[a-zA-Z]/g, letter => ACCENTS[letter] ?? letter),
  )
  return `⟦${decorated.join('')}⟧`
}
