import type { SshAccess } from '../../contract/index.ts'
import { pairs } from './pairs.ts'

const hostOf = ({ host, address, claimed }: SshAccess): string => {
  if (host !== null) return host
  if (address !== null) return `${address} (known address)`
  return claimed === null ? 'not known' : `not known; the guest itself says ${claimed}`
}

const access = (one: SshAccess): string =>
  pairs([
    ['Host', hostOf(one)],
    ['Port', String(one.port)],
    ['User', one.user ?? `${one.ownUser} (yours)`],
    ['Key', one.keyFile ?? 'the usual ones'],
    ['Host key', one.hostKeyKnown ? 'known' : 'not known yet'],
    ['Connection', one.connected ? 'open' : 'none'],
  ])

export const SSH_FORMATTERS = {
  'ssh.access': access,
  'ssh.setAccess': access,
  'ssh.forgetHostKey': access,
  'ssh.disconnect': access,
}
