import { giveAway } from '../contract/index.ts'

/** A copy that belongs to whoever gets it: see `giveAway`. Its memory is its own and not a part of node's pool. */
export const ownCopy = (bytes: Uint8Array): Buffer => {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  copy.set(bytes)
  return giveAway(copy)
}
