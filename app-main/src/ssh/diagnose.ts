/** What ssh said, as failures that say what to do. */
import { RemoteError, type ConnectionTrouble } from '../contract/index.ts'
import { spoken, type SshTarget } from './target.ts'

const CONTROL = /[\p{Cc}\p{Cf}]+/gu

/** One line of what a program or a guest wrote, harmless and short. */
export const oneLine = (text: string): string => text.replaceAll(CONTROL, ' ').trim().slice(0, 300)

const connection = (trouble: ConnectionTrouble, message: string, hint: string): RemoteError =>
  new RemoteError({ kind: 'connection', trouble, message, hint })

const SERVER = 'Is an SSH server (package openssh-server) running in the machine, and are host and port right?'

export const changedKey = (target: SshTarget): RemoteError =>
  new RemoteError({
    kind: 'host-key',
    message: `${target.host} shows another SSH host key than before: it may be another machine, or somebody in between.`,
    hint: 'If the machine was installed anew, forget the old key (vireo guest forget-ssh-key NAME) and connect again.',
  })

export const passwordWanted = (target: SshTarget): RemoteError =>
  new RemoteError({
    kind: 'permission',
    message: `SSH does not let “${spoken(target)}” in without a password, or with the keys that there are.`,
    hint:
      'Open the Terminal tab or run “vireo ssh NAME” once and log in there: commands then use that connection. ' +
      'Or set a key (vireo guest set-ssh-access NAME --key-file FILE).',
  })

export const clientMissing = (cause: unknown): RemoteError =>
  new RemoteError(
    {
      kind: 'unsupported',
      message: 'The program ssh is not installed on this computer.',
      hint: 'Install the package openssh-client (openssh-clients on Fedora, openssh on Arch and Alpine).',
    },
    { cause },
  )

export const tooSlow = (target: SshTarget, ms: number): RemoteError =>
  new RemoteError({
    kind: 'timeout',
    message: `SSH on ${spoken(target)} did not let us in within ${Math.round(ms / 1000)} s.`,
    hint: SERVER,
  })

export const broken = (target: SshTarget): RemoteError =>
  connection(
    'lost',
    `The SSH connection to ${spoken(target)} broke.`,
    'Try again; the machine may have been restarted.',
  )

interface Rule {
  readonly said: RegExp
  readonly error: (target: SshTarget, line: string) => RemoteError
}

const key = (target: SshTarget, line: string): RemoteError =>
  new RemoteError({
    kind: 'permission',
    message: `The key for “${spoken(target)}” cannot be used: ${line}`,
    hint: 'It must be readable by you alone (chmod 600) and without a passphrase, or in an SSH agent.',
  })

/** The first that fits counts. */
const RULES: readonly Rule[] = [
  { said: /REMOTE HOST IDENTIFICATION HAS CHANGED|^Host key verification failed/m, error: changedKey },
  {
    said: /^(?:Load key .*|no such identity: .*|.*UNPROTECTED PRIVATE KEY FILE.*|Identity file .*not accessible.*)$/im,
    error: key,
  },
  {
    said: /Permission denied|Too many authentication failures|No supported authentication methods/i,
    error: passwordWanted,
  },
  {
    said: /^.*Connection refused.*$/im,
    error: target => connection('not-running', `Nobody listens for SSH on ${spoken(target)}.`, SERVER),
  },
  {
    said: /^.*(?:Could not resolve|Name or service not known|No address associated).*$/im,
    error: ({ host }) => connection('not-responding', `There is no address for the host “${host}”.`, 'Check the host.'),
  },
  {
    said: /^.*(?:timed out|No route to host|Network is unreachable|Host is down).*$/im,
    error: (target, line) => connection('not-responding', `${spoken(target)} does not answer: ${line}`, SERVER),
  },
  {
    said: /^.*(?:no matching .* found|Unable to negotiate|kex_exchange|banner|protocol|invalid format).*$/im,
    error: (target, line) => connection('protocol', `SSH with ${spoken(target)} did not come about: ${line}`, SERVER),
  },
]

/** What ssh wrote before it gave up (its exit code 255). */
export const diagnose = (target: SshTarget, said: string): RemoteError => {
  for (const { said: pattern, error } of RULES) {
    const match = pattern.exec(said)
    if (match) return error(target, oneLine(match[0]))
  }
  const last = oneLine(said.trim().split('\n').at(-1) ?? '')
  return connection('lost', `SSH to ${spoken(target)} failed: ${last || 'ssh gave no reason'}.`, SERVER)
}
