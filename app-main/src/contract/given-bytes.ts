/**
 * Bytes with one owner, who passes them on or lets them go. The engine frees dead buffers when it pleases, and may let tens
 * of megabytes of them lie about: whoever floods us would decide how many. What is let go is freed at once.
 */
const given = new WeakSet<Uint8Array>()

/**
 * Says that these bytes belong to whoever gets them, and that nobody else looks at them. They must fill their own memory.
 * Passing on the same object passes on the ownership; a `subarray` of it owns nothing.
 */
export const giveAway = <Bytes extends Uint8Array>(bytes: Bytes): Bytes => {
  given.add(bytes)
  return bytes
}

/** Frees bytes that were given away, which are empty then. Does nothing to others: they may be somebody's. */
export const letGo = (bytes: Uint8Array): void => {
  if (given.delete(bytes) && bytes.buffer instanceof ArrayBuffer) bytes.buffer.transfer(0)
}
