/** How each distribution's package manager is asked for qemu-guest-agent, and what its complaints mean. */
import { RemoteError } from '../../../contract/index.ts'
import { plainText } from '@vireo/guest-agent-bridge/host'
import type { Packager } from './guest-probe.ts'

const PACKAGE = 'qemu-guest-agent'

/** Shell commands that ask nothing. */
export const INSTALL: Readonly<Record<Packager, string>> = {
  'apt-get':
    `export DEBIAN_FRONTEND=noninteractive; apt-get -q update && ` +
    `apt-get -q -y --no-install-recommends install ${PACKAGE}`,
  dnf: `dnf -y install ${PACKAGE}`,
  yum: `yum -y install ${PACKAGE}`,
  zypper: `zypper --non-interactive install --no-recommends ${PACKAGE}`,
  apk: `apk update && apk add ${PACKAGE}`,
  pacman: `pacman -Sy --noconfirm --needed ${PACKAGE}`,
}

/** `$1` init system. Some distributions' units are started by the channel's arrival and cannot be enabled. */
export const START_QEMU_AGENT = `
if [ "$1" = systemd ]; then
  systemctl daemon-reload
  systemctl enable ${PACKAGE}.service
  systemctl --no-block restart ${PACKAGE}.service
else
  rc-update add ${PACKAGE} default
  rc-service ${PACKAGE} restart
fi >/dev/null 2>&1
:
`

const LOCKED =
  /could not get lock|unable to (?:acquire|lock)|lock-frontend|another (?:app|process) is (?:currently )?(?:holding|using)|system management is locked|existing lock|waiting for process with pid|lock is held/i
const NO_NETWORK =
  /temporary failure (?:in )?(?:name )?resolv|could not resolve|unable to connect|network is unreachable|no route to host|failed to (?:fetch|download|retrieve|synchronize)|failed retrieving|cannot (?:download|retrieve|prepare internet)|curl error|temporary error|network error|DNS|connection (?:timed out|refused|failed)|could not connect/i
const UNKNOWN =
  /unable to locate package|no match for argument|unable to find a match|nothing provides|no such package|target not found|not found in package names|has no installation candidate|no package .* available/i

/** What a package manager that failed said, as a failure of ours. `code` null: it was killed by its time. */
export const packagerFailure = (packager: Packager, code: number | null, said: string): RemoteError => {
  if (LOCKED.test(said) || (packager === 'zypper' && code === 7)) {
    return new RemoteError({
      ...{ kind: 'busy', holder: 'another package manager in the guest' },
      message: `${packager} cannot work: another package manager is at work in the guest.`,
      hint: 'Automatic updates may be running. Try again when they are done.',
    })
  }
  if (NO_NETWORK.test(said)) {
    return new RemoteError({
      kind: 'precondition',
      message: `${packager} could not reach its packages: the guest has no network, or the wrong one.`,
      hint: 'Give the machine a network, or install qemu-guest-agent from a medium.',
    })
  }
  if (UNKNOWN.test(said)) {
    const message = `${packager} knows no package qemu-guest-agent.`
    const hint = 'Enable the repository that has it (on Alpine: community; on Ubuntu: universe).'
    return new RemoteError({ kind: 'not-found', message, hint })
  }
  if (code === null) return new RemoteError({ kind: 'timeout', message: `${packager} did not come to an end.` })
  const last = plainText(said.trim().split('\n').at(-1) ?? '', 300)
  return new RemoteError({ kind: 'refused', message: `${packager} failed (${code}): ${last || 'it says nothing'}` })
}
