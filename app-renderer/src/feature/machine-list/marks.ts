/** Which machines are marked after a click or a key; pure. */
import type { DomainId } from '@vireo/app-main/contract'

export type Marks = ReadonlySet<DomainId>

export const toggleMark = (marks: Marks, id: DomainId): Marks => {
  const next = new Set(marks)
  if (!next.delete(id)) next.add(id)
  return next
}

/** Marks everything between two rows, both included, and keeps what was marked. */
export const markRange = (marks: Marks, order: readonly DomainId[], from: DomainId | null, to: DomainId): Marks => {
  const start = from === null ? -1 : order.indexOf(from)
  const end = order.indexOf(to)
  if (end < 0) return marks
  const [low, high] = start < 0 ? [end, end] : [Math.min(start, end), Math.max(start, end)]
  return new Set([...marks, ...order.slice(low, high + 1)])
}

/** Machines that went away cannot stay marked. */
export const keepExisting = (marks: Marks, exists: (id: DomainId) => boolean): Marks => {
  const next = [...marks].filter(exists)
  return next.length === marks.size ? marks : new Set(next)
}
