/** What a person can do when libvirt is away or closed, in the words of the system at hand. Nothing here is run by us. */
import { existsSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'

/** What the advice depends on; tests bring their own. */
export interface Circumstances {
  readonly username: string
  /** Numbers of the groups this process runs with. */
  readonly groups: readonly number[]
  readonly exists: (path: string) => boolean
  /** The file's text, empty when it cannot be read. */
  readonly read: (path: string) => string
}

export interface Remedy {
  readonly hint: string
  /** Commands for a terminal; empty where none would help. */
  readonly fix: readonly string[]
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const here = (): Circumstances => ({
  username: userInfo().username,
  groups: process.getgroups?.() ?? [],
  exists: existsSync,
  read,
})

/** Package managers by their program, with the command that installs libvirt and its QEMU driver. */
const INSTALL: readonly (readonly [program: string, command: string])[] = [
  ['/usr/bin/apt-get', 'sudo apt install libvirt-daemon-system qemu-system'],
  ['/usr/bin/dnf', 'sudo dnf install libvirt-daemon-kvm qemu-kvm'],
  ['/usr/bin/zypper', 'sudo zypper install libvirt-daemon-qemu qemu'],
  ['/usr/bin/pacman', 'sudo pacman -S libvirt qemu-base dnsmasq'],
  ['/sbin/apk', 'sudo apk add libvirt-daemon libvirt-qemu qemu-system-x86_64'],
]

/** For a daemon that is not installed. */
export const installRemedy = ({ exists }: Circumstances = here()): Remedy => {
  const command = INSTALL.find(([program]) => exists(program))?.[1]
  return { hint: 'Install libvirt with its QEMU driver.', fix: command === undefined ? [] : [command] }
}

/** For a daemon of the system that is installed and does not run; `daemon` is its program, for instance `libvirtd`. */
export const startRemedy = (daemon: string, { exists }: Circumstances = here()): Remedy => {
  const hint = `Start ${daemon}.`
  if (exists('/run/systemd/system')) return { hint, fix: [`sudo systemctl enable --now ${daemon}.socket`] }
  if (exists('/sbin/openrc-run')) return { hint, fix: [`sudo rc-service ${daemon} start`] }
  return { hint, fix: [`sudo ${daemon} -d`] }
}

/** The line of a group in /etc/group: `name:password:number:member,member`. */
const isStaleLogin = (group: string, { username, groups, read: textOf }: Circumstances): boolean => {
  const fields = textOf('/etc/group')
    .split('\n')
    .map(line => line.split(':'))
    .find(([name]) => name === group)
  const [, , number, members] = fields ?? []
  return members !== undefined && members.split(',').includes(username) && !groups.includes(Number(number))
}

/** For somebody who is kept out; `other` is what an administrator could do instead, as the end of a sentence. */
export const groupRemedy = (other?: string, circumstances: Circumstances = here()): Remedy => {
  if (isStaleLogin('libvirt', circumstances)) {
    return {
      hint: 'You are a member of the group libvirt, but this login began before that: log out and in again. “newgrp libvirt” in a terminal does it for what is started there.',
      fix: [],
    }
  }
  return {
    hint: `Become a member of the group libvirt${other ? `, or ${other}` : ''}. A login keeps the groups it began with: log in again afterwards.`,
    fix: [`sudo usermod -aG libvirt ${circumstances.username}`],
  }
}
