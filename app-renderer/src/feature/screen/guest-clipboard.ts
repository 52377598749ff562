/** Longest text taken from a guest or given to it, in UTF-16 units: a guest may claim gigabytes. */
export const LONGEST_CLIP = 256 * 1024

export interface GuestClip {
  readonly text: string
  /** More came than was kept. */
  readonly cut: boolean
}

/** Keeps the beginning of what a guest copied; characters that reorder or hide text, and controls, are left out. */
export const guestClip = (text: string): GuestClip => ({
  text: text
    .slice(0, LONGEST_CLIP)
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, ''),
  cut: text.length > LONGEST_CLIP,
})
