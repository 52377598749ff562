/** The event loop: timers and descriptors over one `poll`, nothing else. */
export interface Timer {
  cancel(): void
}

export interface Watch {
  /** What to wait for from now on (`pollIn`, `pollOut`; 0 waits for the end only). */
  want(events: number): void
  stop(): void
}

export interface Loop {
  /** Calls once after so many milliseconds. */
  after(milliseconds: number, listener: () => void): Timer
  /** Calls whenever one of the events, an error or the end shows on the descriptor. Stop it before closing that. */
  watch(fd: number, events: number, listener: (revents: number) => void): Watch
  /** Calls when the signal came. */
  onSignal(signal: number, listener: () => void): () => void
  sleep(milliseconds: number): Promise<void>
}
