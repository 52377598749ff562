/** What must be known of a guest before anything in it is changed. */
import { RemoteError } from '../../../contract/index.ts'
import { plainText, type Asking } from '@vireo/guest-agent-bridge/host'
import type { GuestPlaces } from './agent-files.ts'
import { scriptIn } from './setup-shell.ts'
import type { SetupAgent } from './setup-target.ts'

export type InitSystem = 'systemd' | 'openrc'

export const PACKAGERS = ['apt-get', 'dnf', 'yum', 'zypper', 'apk', 'pacman'] as const
export type Packager = (typeof PACKAGERS)[number]

export interface GuestProbe {
  readonly kernel: string
  readonly machine: string
  readonly root: boolean
  /** What else is process 1, when it is neither. */
  readonly init: InitSystem | { readonly other: string }
  /** The Vireo agent's program belongs to a package. */
  readonly packaged: boolean
  readonly packager: Packager | null
}

/** `$1` root folder, `$2` the agent's program, then names of package managers. */
const PROBE = `
root=$1 binary=$2
shift 2
echo "kernel=$(uname -s)"
echo "machine=$(uname -m)"
echo "uid=$(id -u)"
if [ -d "$root/run/systemd/system" ]; then echo init=systemd
elif [ -e "$root/run/openrc/softlevel" ]; then echo init=openrc
else echo "other=$(cat "$root/proc/1/comm" 2>/dev/null)"; fi
if command -v dpkg-query >/dev/null && dpkg-query -S "$binary" >/dev/null 2>&1; then echo packaged=1; fi
for one; do
  if command -v "$one" >/dev/null; then echo "packager=$one"; break; fi
done
`

export const probeGuest = async (agent: SetupAgent, places: GuestPlaces, asking: Asking): Promise<GuestProbe> => {
  const text = await scriptIn(agent, PROBE, [places.root, places.binary, ...PACKAGERS], asking)
  const fact = (name: string): string =>
    plainText(new RegExp(`^${name}=(.{1,64})$`, 'm').exec(text)?.[1] ?? '', 64).trim()
  const init = fact('init')
  return {
    ...{ kernel: fact('kernel'), machine: fact('machine') },
    root: fact('uid') === '0',
    init: init === 'systemd' || init === 'openrc' ? init : { other: fact('other') || 'something unknown' },
    packaged: fact('packaged') === '1',
    packager: PACKAGERS.find(one => one === fact('packager')) ?? null,
  }
}

const BY_HAND =
  'By hand: copy vireo-agent-linux-x64 into the guest (vireo cp) and let it be started as root: vireo-agent --foreground.'

/** Rejects with `permission` when the agent that is there may not change the system. */
export const requireRoot = ({ root }: GuestProbe): void => {
  if (root) return
  const message = 'The agent in the guest does not run as root: it cannot install or remove anything.'
  throw new RemoteError({ kind: 'permission', message })
}

/** Throws `unsupported` for a processor that the agent is not built for. */
export const requireProcessor = ({ kernel, machine }: GuestProbe): void => {
  if (kernel === 'Linux' && machine === 'x86_64') return
  const message = `The guest is ${kernel || 'an unknown system'} on ${machine || 'an unknown processor'}: the Vireo agent is built for Linux on x86_64.`
  throw new RemoteError({ kind: 'unsupported', message, hint: 'Use the distribution’s qemu-guest-agent there.' })
}

/** Throws `unsupported`, with the way to do it by hand, when neither systemd nor OpenRC runs. */
export const requireInit = ({ init }: GuestProbe, hint = BY_HAND): InitSystem => {
  if (typeof init === 'string') return init
  const message = `The guest is run by “${init.other}”: only systemd and OpenRC can be set up.`
  throw new RemoteError({ kind: 'unsupported', message, hint })
}

/** Throws `precondition` when a package owns the agent's program. */
export const requireUnpackaged = ({ packaged }: GuestProbe, advice: string): void => {
  if (!packaged) return
  const message = 'The Vireo agent in this guest was installed as a package.'
  throw new RemoteError({ kind: 'precondition', message, hint: advice })
}
