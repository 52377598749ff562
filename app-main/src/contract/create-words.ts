/** How names and sizes of a new machine are written; without schemas, so that a window can check them while one types. */

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** The largest size that anything of a machine may have. */
export const MOST_BYTES = 64 * 2 ** 40

/** Bytes of `512M`, `2G`, `1.5GiB`, `20 GB`: units are powers of 1024. Undefined for anything else. */
export const parseSize = (text: string): number | undefined => {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([KMGT])(?:i?B)?$/i.exec(text.trim())
  const unit = UNITS[(match?.[2] ?? '').toUpperCase()]
  return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit)
}

/** Of at most 64 characters; also the beginning of file names. */
export const MACHINE_NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]*$/

/** As RFC 1123 wants it, at most 253 characters. */
export const HOSTNAME = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*$/

export const LOGIN_NAME = /^[a-z_][a-z0-9_-]{0,31}$/

/** Of one computer, never of many. */
export const MAC_ADDRESS = /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/i

/** A network, a bridge, an interface, a storage pool. */
export const DEVICE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,63}$/
