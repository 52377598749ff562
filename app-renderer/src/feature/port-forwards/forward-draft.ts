/** What is filled in for a new forward; pure. */
export interface ForwardDraft {
  readonly guestPort: string
  readonly port: string
  readonly address: string
}

export const EMPTY_DRAFT: ForwardDraft = { guestPort: '', port: '', address: '127.0.0.1' }

/** Null for what is no port. */
export const portIn = (text: string): number | null => {
  const trimmed = text.trim()
  const port = /^\d{1,5}$/.test(trimmed) ? Number(trimmed) : 0
  return port >= 1 && port <= 65_535 ? port : null
}

/** The ports of a draft, 0 for any free one; null while it cannot be sent. */
export const portsOf = ({ guestPort, port }: ForwardDraft): { guestPort: number; port: number } | null => {
  const inside = portIn(guestPort)
  const outside = port.trim() === '' ? 0 : portIn(port)
  return inside === null || outside === null ? null : { guestPort: inside, port: outside }
}

/** Whether only programs of this computer get in. */
export const staysHere = (address: string): boolean => /^(?:127(?:\.\d{1,3}){3}|::1|)$/.test(address.trim())

/** As one types it into a browser. */
export const placeOf = ({ address, port }: { readonly address: string; readonly port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
