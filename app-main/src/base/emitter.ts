import { disposable, type Disposable } from './disposable.ts'

/** Subscribe to something that happens; dispose to stop. */
export type Listen<T> = (listener: (value: T) => void) => Disposable

const throwLater = (error: unknown): void =>
  queueMicrotask(() => {
    throw error
  })

/** A source of one kind of event. A listener that throws does not keep the others from hearing. */
export class Emitter<T> {
  readonly #listeners = new Set<(value: T) => void>()
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void = throwLater) {
    this.#onError = onError
  }

  readonly event: Listen<T> = listener => {
    const own = (value: T) => listener(value)
    this.#listeners.add(own)
    return disposable(() => this.#listeners.delete(own))
  }

  get used(): boolean {
    return this.#listeners.size > 0
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value)
      } catch (error) {
        this.#onError(error)
      }
    }
  }
}
