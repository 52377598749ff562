/** Earlier commands of one machine, as a shell's arrow keys walk through them. Kept in memory only: they may hold secrets. */
const MOST = 200

export class CommandHistory {
  readonly #commands: string[] = []
  #at = 0
  #draft = ''

  /** Remembers what was run; the same twice in a row counts once. */
  add(command: string): void {
    if (this.#commands.at(-1) !== command) this.#commands.push(command)
    if (this.#commands.length > MOST) this.#commands.shift()
    this.#at = this.#commands.length
    this.#draft = ''
  }

  /** The command before, or the oldest; `now` is what stands in the field. */
  older(now: string): string {
    if (this.#at === this.#commands.length) this.#draft = now
    this.#at = Math.max(0, this.#at - 1)
    return this.#commands[this.#at] ?? now
  }

  /** The command behind, at last what was being written. */
  newer(now: string): string {
    if (this.#at >= this.#commands.length) return now
    this.#at++
    return this.#commands[this.#at] ?? this.#draft
  }
}
