/** Choices on their way into folders, one after the other: each may have a question, and none takes another's place. */
import { type Choice, type Conflict, type Known, takenNames } from './upload-plan.ts'

/** A choice that waits for an answer; `P` is where it goes. */
export interface Pending<P> {
  readonly place: P
  readonly choice: Choice
  readonly there: Known
  /** Those of its names that are taken. */
  readonly names: readonly string[]
}

interface Offer<P> {
  readonly place: P
  readonly choice: Choice
  /** Names that were met in its folder. */
  readonly met: Iterable<string>
}

export interface QueueWork<P> {
  /** Names of what is on its way to a place now. */
  underWay(place: P): Iterable<string>
  start(place: P, choice: Choice, there: Known, conflict: Conflict): void
  /** Null: nothing is to be asked. */
  ask(pending: Pending<P> | null): void
}

export interface UploadQueue<P> {
  offer(offered: Offer<P>): void
  /** Null: nothing becomes of it. An answer to what is not asked any more does nothing. */
  answer(pending: Pending<P>, conflict: Conflict | null): void
}

export const createUploadQueue = <P>({ underWay, start, ask }: QueueWork<P>): UploadQueue<P> => {
  const waiting: Offer<P>[] = []
  let asked: Pending<P> | null = null
  const goOn = (): void => {
    asked = null
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { place, choice, met } = next
      // What the choices before it made of their answers counts, too.
      const there = new Set([...met, ...underWay(place)])
      const names = takenNames(choice, there)
      if (names.length > 0) {
        asked = { place, choice, there, names }
        break
      }
      start(place, choice, there, 'skip')
    }
    ask(asked)
  }
  return {
    offer(offered) {
      waiting.push(offered)
      if (asked === null) goOn()
    },
    answer(pending, conflict) {
      if (pending !== asked) return
      if (conflict !== null) start(pending.place, pending.choice, pending.there, conflict)
      goOn()
    },
  }
}
