/** How agents come into a guest at its first start. */
import type { GuestFamily } from './seed-draft.ts'

/** Names of the Vireo agent's files on the seed. */
export const AGENT_FILES = {
  binary: 'vireo-agent',
  systemdUnit: 'vireo-agent.service',
  openRcScript: 'vireo-agent.openrc',
  config: 'vireo-agent.json',
} as const

const FROM_SEED = `set -e
seed=$(mktemp -d)
mount -t iso9660 -o ro /dev/disk/by-label/cidata "$seed" || mount -t iso9660 -o ro "$(blkid -L cidata)" "$seed"
trap 'umount "$seed" && rmdir "$seed"' EXIT
mkdir -p /usr/sbin /etc/vireo-agent/pre-freeze.d /etc/vireo-agent/post-thaw.d
install -m 755 "$seed/${AGENT_FILES.binary}" /usr/sbin/vireo-agent
install -m 644 "$seed/${AGENT_FILES.config}" /etc/vireo-agent/config.json
if [ -d /run/systemd/system ]; then
  install -m 644 "$seed/${AGENT_FILES.systemdUnit}" /etc/systemd/system/vireo-agent.service
  systemctl daemon-reload
  systemctl enable --now vireo-agent
else
  install -m 755 "$seed/${AGENT_FILES.openRcScript}" /etc/init.d/vireo-agent
  rc-update add vireo-agent default
  rc-service vireo-agent start
fi
`

export const VIREO_AGENT_COMMAND: readonly string[] = ['sh', '-c', FROM_SEED]

/** The distribution's package is called the same everywhere. */
export const QEMU_AGENT_PACKAGE = 'qemu-guest-agent'

// Debian's unit is started by its device and cannot be enabled.
const QEMU_AGENT: Readonly<Record<GuestFamily, string>> = {
  linux: 'systemctl enable --now qemu-guest-agent || systemctl start qemu-guest-agent',
  alpine: 'rc-update add qemu-guest-agent default; rc-service qemu-guest-agent start',
  freebsd: 'sysrc qemu_guest_agent_enable=YES; service qemu-guest-agent start',
}

export const qemuAgentCommand = (family: GuestFamily): readonly string[] => ['sh', '-c', QEMU_AGENT[family]]
