import type { ConnectionUri } from '@vireo/app-main/contract'
import { defineText } from '../../i18n/text.ts'

const { useText, text } = defineText('place', {
  system: 'This computer',
  session: 'This computer (session)',
  test: 'Test driver',
  lxd: 'This computer (LXD)',
  incus: 'This computer (Incus)',
})

const KNOWN: Readonly<Record<string, 'system' | 'session' | 'test' | 'lxd' | 'incus'>> = {
  'qemu:///system': 'system',
  'qemu:///session': 'session',
  'test:///default': 'test',
  'lxd:///': 'lxd',
  'incus:///': 'incus',
}

/** `qemu+ssh://dev@lab-01:22/system` is on `lab-01`. */
const hostOf = (uri: string): string | undefined => /^[^:]+:\/\/(?:[^/@]*@)?(\[[^\]]+\]|[^/:?]+)/.exec(uri)?.[1]

/** A connection's name for people: a known place in words, a remote one by its host, any other by its URI. */
export const placeName = (uri: ConnectionUri): string => {
  const known = Object.hasOwn(KNOWN, uri) ? KNOWN[uri] : undefined
  return known ? text(known) : (hostOf(uri) ?? uri)
}

/** The same, following the language. */
export const usePlaceName = (): ((uri: ConnectionUri) => string) => {
  useText()
  return placeName
}
