/** Text of a stranger, cut to `longest` characters; control characters become spaces. */
export const boundText = (text: string, longest: number): string =>
  text
    // A name may be megabytes long: cut first, so that the pattern sees little.
    .slice(0, longest)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .trim()
