const LONGEST = 100

/** A harmless file name from text that a guest or a stranger may have chosen: no folders, no control or bidi characters, not hidden. */
export const fileName = (text: string, extension: string): string => {
  const plain = text
    .normalize('NFC')
    // Path separators, reserved and shell characters, controls, and characters that hide or reorder text.
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}/\\:*?"'<>|`$;&!]/gu, '-')
    .replace(/\s+/g, ' ')
    .replace(/-{2,}/g, '-')
    .replace(/^[\s.-]+|[\s.-]+$/g, '')
  // Whole characters, not halves of surrogate pairs.
  return `${Array.from(plain).slice(0, LONGEST).join('').trim() || 'machine'}.${extension}`
}

/** Local time for file names, for instance `2026-03-01 14.05.09`. */
export const timeStamp = (at: Date): string => {
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}`
}

/** Hands a file to the browser's downloads. */
export const saveFile = (name: string, content: Blob): void => {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own reference after this turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
