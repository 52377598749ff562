/** Debian's answer file, for its installer of Debian 11 and newer. */
import type { AnswerDraft } from './answer-draft.ts'
import { diskName, hostname, ipv4, loginName, mirrorFolder, mirrorHost, oneLine, passwordHash } from './fields.ts'

type Type = 'string' | 'boolean' | 'select' | 'multiselect' | 'password' | 'note'
type Line = readonly [question: string, type: Type, value: string]

/** Nobody logs in with it. */
const NO_PASSWORD = '!'
/** cloud-init does the rest: keys, packages, commands and agents. */
const PACKAGES = 'cloud-init openssh-server sudo'

const network = ({ fixed, hostname: name }: AnswerDraft): Line[] => {
  const [host = '', ...domain] = hostname(name).split('.')
  const named: Line[] = [
    ['netcfg/choose_interface', 'select', 'auto'],
    ['netcfg/hostname', 'string', host],
    ['netcfg/get_hostname', 'string', host],
    ['netcfg/get_domain', 'string', domain.join('.')],
  ]
  if (fixed === null) return named
  return [
    ['netcfg/disable_autoconfig', 'boolean', 'true'],
    ['netcfg/get_ipaddress', 'string', ipv4(fixed.address)],
    ['netcfg/get_netmask', 'string', ipv4(fixed.netmask)],
    ['netcfg/get_gateway', 'string', fixed.gateway === null ? 'none' : ipv4(fixed.gateway)],
    ['netcfg/get_nameservers', 'string', fixed.nameServers.map(ipv4).join(' ')],
    ['netcfg/confirm_static', 'boolean', 'true'],
    ...named,
  ]
}

const accounts = ({ user }: AnswerDraft): Line[] => {
  const hash = user === null || user.passwordHash === null ? NO_PASSWORD : passwordHash(user.passwordHash)
  if (user === null || user.name === 'root')
    return [
      ['passwd/root-login', 'boolean', 'true'],
      ['passwd/root-password-crypted', 'password', hash],
      ['passwd/make-user', 'boolean', 'false'],
    ]
  return [
    ['passwd/root-login', 'boolean', 'false'],
    ['passwd/make-user', 'boolean', 'true'],
    ['passwd/user-fullname', 'string', loginName(user.name)],
    ['passwd/username', 'string', loginName(user.name)],
    ['passwd/user-password-crypted', 'password', hash],
  ]
}

const disks = ({ disk, emulated }: AnswerDraft): Line[] => [
  ['partman-auto/disk', 'string', diskName(disk)],
  ['partman-auto/method', 'string', 'regular'],
  ['partman-auto/choose_recipe', 'select', 'atomic'],
  ['partman-partitioning/confirm_write_new_label', 'boolean', 'true'],
  ['partman/choose_partition', 'select', 'finish'],
  ['partman/confirm', 'boolean', 'true'],
  ['partman/confirm_nooverwrite', 'boolean', 'true'],
  ['grub-installer/only_debian', 'boolean', 'true'],
  ['grub-installer/bootdev', 'string', diskName(disk)],
  // As the installer's own kernel has it; without emulation it changes nothing.
  ...(emulated ? ([['debian-installer/add-kernel-opts', 'string', 'no_timer_check']] as const) : []),
]

/** Whoever keeps a mirror of Debian has its security updates beside it. */
const mirrors = ({ mirror }: AnswerDraft): Line[] => [
  ['mirror/country', 'string', 'manual'],
  ['mirror/http/hostname', 'string', mirror === null ? 'deb.debian.org' : mirrorHost(mirror.host)],
  ['mirror/http/directory', 'string', mirror === null ? '/debian' : mirrorFolder(mirror.folder)],
  ['mirror/http/proxy', 'string', ''],
  // Large media would do without.
  ['apt-setup/use_mirror', 'boolean', 'true'],
  ...(mirror === null ? [] : ([['apt-setup/security_host', 'string', mirrorHost(mirror.host)]] as const)),
]

const BEFORE: readonly Line[] = [
  ['debian-installer/locale', 'string', 'en_US.UTF-8'],
  ['keyboard-configuration/xkb-keymap', 'select', 'us'],
  ['hw-detect/load_firmware', 'boolean', 'false'],
  ['clock-setup/utc', 'boolean', 'true'],
  ['clock-setup/ntp', 'boolean', 'false'],
  ['time/zone', 'string', 'Etc/UTC'],
]

/** It switches itself off when it is done, which is how one sees from outside that it is. */
const AFTER: readonly Line[] = [
  ['pkgsel/include', 'string', PACKAGES],
  ['pkgsel/upgrade', 'select', 'none'],
  ['cdrom-detect/eject', 'boolean', 'true'],
  ['finish-install/reboot_in_progress', 'note', ''],
  ['debian-installer/exit/poweroff', 'boolean', 'true'],
]

const OTHER_OWNERS: readonly string[] = [
  // As small as Debian's own images for clouds.
  'tasksel tasksel/first multiselect ssh-server',
  'popularity-contest popularity-contest/participate boolean false',
]

const written = ([question, type, value]: Line): string => `d-i ${question} ${type} ${oneLine(value)}`.trimEnd()

/** Throws `invalid-input` for an answer that would be more than its field. */
export const preseed = (draft: AnswerDraft): string =>
  [
    '# Debian’s installer reads this instead of asking.',
    ...[...BEFORE, ...network(draft), ...mirrors(draft), ...accounts(draft), ...disks(draft), ...AFTER].map(written),
    ...OTHER_OWNERS,
    '',
  ].join('\n')
