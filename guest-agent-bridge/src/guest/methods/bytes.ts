import type { MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import type { Sys } from '../sys.ts'

/** The bytes of the parameter `data`, however it came. Those that came as a payload are only good until `run` returns. */
export const dataOf = ({ sys, payload }: Pick<MethodContext, 'sys' | 'payload'>, data: string): Uint8Array =>
  payload ?? fromBase64(sys, data)

/** The bytes of a base64 parameter; anything else is refused. */
export const fromBase64 = (sys: Sys, text: string): Uint8Array => {
  const bytes = sys.fromBase64(text)
  if (bytes === null) throw new RpcError('invalidParams', 'Invalid base64')
  return bytes
}

/** The text of UTF-8 bytes, null when they are none. */
export const strictText = (sys: Sys, bytes: Uint8Array): string | null => {
  const text = sys.decode(bytes)
  if (!text.includes('\uFFFD')) return text
  const again = sys.encode(text)
  return again.length === bytes.length && again.every((byte, index) => byte === bytes[index]) ? text : null
}
