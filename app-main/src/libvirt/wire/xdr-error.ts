/** A message that is not valid XDR, or a value that XDR or libvirt's limits cannot carry. */
export class XdrError extends Error {
  override readonly name = 'XdrError'
}
