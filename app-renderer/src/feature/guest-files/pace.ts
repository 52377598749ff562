/** How fast a transfer is, from what it moved lately; pure. */

export interface PacePoint {
  /** Milliseconds, of any clock that only goes forward. */
  readonly at: number
  readonly bytes: number
}

/** What happened longer ago says nothing about now, in milliseconds. */
const WINDOW_MS = 5000
/** Before that much time a speed would jump about. */
const LEAST_MS = 400

/** Adds a point and forgets what is too old; a point that is not further on begins anew. */
export const withPoint = (points: readonly PacePoint[], point: PacePoint): readonly PacePoint[] => {
  const last = points.at(-1)
  if (last && point.bytes < last.bytes) return [point]
  const recent = points.filter(({ at }) => point.at - at <= WINDOW_MS)
  return [...recent, point]
}

/** Bytes a second, null while that cannot be told. */
export const speedOf = (points: readonly PacePoint[]): number | null => {
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || last.at - first.at < LEAST_MS) return null
  return (1000 * (last.bytes - first.bytes)) / (last.at - first.at)
}

/** Seconds until the end, null while that cannot be told. */
export const secondsLeft = (points: readonly PacePoint[], whole: number | null): number | null => {
  const speed = speedOf(points)
  const last = points.at(-1)
  if (speed === null || speed <= 0 || whole === null || !last) return null
  return Math.max(0, (whole - last.bytes) / speed)
}
