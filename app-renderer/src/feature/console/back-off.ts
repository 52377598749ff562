const FIRST_MS = 500
const LONGEST_MS = 10_000

/** Milliseconds to wait before attempt `attempt` (0 is the first retry). */
export const backOff = (attempt: number): number => Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS)
