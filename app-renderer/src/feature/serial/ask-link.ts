import { confirm } from '../../ui/index.ts'
import { text } from './text.ts'

/** Longest address shown in the question. */
const SHOWN = 300

/** The address when it is one of the web's, else null: a guest may write any scheme. */
export const webAddress = (url: string): string | null => {
  const parsed = URL.canParse(url) ? new URL(url) : null
  return parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:') ? parsed.href : null
}

/** Opens what a guest calls a link only after a person has seen where it really leads. */
export const askLink = async (url: string): Promise<void> => {
  const address = webAddress(url)
  if (address === null) return
  const shown = address.length > SHOWN ? `${address.slice(0, SHOWN)}…` : address
  const yes = await confirm({
    title: text('linkTitle'),
    body: text('linkBody', { url: shown }),
    action: text('linkOpen'),
  })
  if (yes) window.open(address, '_blank', 'noopener,noreferrer')
}
