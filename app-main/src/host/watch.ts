/** Tells when something about the hypervisors may have changed, by what the kernel tells: nothing is polled. */
import { existsSync, readdirSync, watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import { DisposableStore, disposable, type Disposable } from '../base/disposable.ts'
import { INCUS_SOCKETS } from '../base/lxd-sockets.ts'

/** Services that a card is about. */
const SERVICE = '(?:libvirtd|virtqemud|virtnetworkd|lxd|snap\\.lxd|incus|docker|podman|apparmor|vboxdrv)'
const UNIT = new RegExp(`^${SERVICE}`)
const MODULE_OPTIONS = /\.conf$/

/**
 * Where sockets, devices, packages, modules’ options, groups, services and their boot links appear. Folders, because
 * files are replaced. What the kernel makes by itself below `/proc` and `/sys` is not told to anybody who may be an
 * ordinary user; modules are seen by their devices.
 */
export const WATCHED_FOLDERS: Readonly<Record<string, RegExp>> = {
  '/dev': /^(kvm|vboxdrv|vmmon)$/,
  '/run/libvirt': /-sock$/,
  '/run/libvirt/network': /^default\.xml$/,
  '/run/libvirt/storage': /\.xml$/,
  '/etc/libvirt/qemu/networks': /^default\.xml$/,
  '/var/lib/lxd': /^unix\.socket$/,
  // Root alone may look into these: whoever else set LXD up elsewhere has the button.
  '/var/lib/lxd/storage-pools': /./,
  '/var/lib/lxd/networks': /./,
  '/var/snap/lxd/common/lxd': /^unix\.socket$/,
  ...Object.fromEntries(INCUS_SOCKETS.map(path => [dirname(path), /^unix\.socket$/])),
  '/run': /^(docker\.sock|libvirt|podman|(libvirtd|virtqemud|docker)\.pid)$/,
  '/run/podman': /^podman\.sock$/,
  // Service managers tell here what runs: a daemon that ends leaves its socket behind.
  '/run/systemd/units': new RegExp(`^invocation:${SERVICE}`),
  '/run/openrc/started': UNIT,
  '/etc/systemd/system': new RegExp(`^(multi-user|sockets)\\.target\\.wants$|${UNIT.source}`),
  '/etc/systemd/system/multi-user.target.wants': UNIT,
  '/etc/systemd/system/sockets.target.wants': UNIT,
  '/etc/runlevels/default': UNIT,
  '/usr/bin': /^(qemu-system-.*|virsh|lxd|incus|podman|docker|VBoxManage|swtpm)$/,
  '/usr/local/bin': /^(qemu-system-.*|virsh|lxd|incus|podman|docker|swtpm)$/,
  '/usr/sbin': /^(libvirtd|virtqemud|lxd)$/,
  '/snap/bin': /^(lxd|lxc|docker)$/,
  // Whatever else was installed: firmware, tools, extension packs.
  '/var/lib/dpkg': /^status$/,
  '/var/lib/rpm': /^(rpmdb\.sqlite|Packages)$/,
  '/usr/lib/sysimage/rpm': /^(rpmdb\.sqlite|Packages\.db)$/,
  '/var/lib/pacman/local': /./,
  '/lib/apk/db': /^installed$/,
  '/usr/lib/virtualbox/ExtensionPacks': /./,
  '/etc': /^(group|passwd)$/,
  '/etc/modprobe.d': MODULE_OPTIONS,
  '/run/modprobe.d': MODULE_OPTIONS,
  '/usr/lib/modprobe.d': MODULE_OPTIONS,
  '/sys/fs/selinux': /^enforce$/,
}

/** A package or a daemon changes many files at once: one look after the last of them, milliseconds. */
const QUIET_MS = 400

const LXD_PARTS: Readonly<Record<string, RegExp>> = { '': /^unix\.socket$/, '/storage-pools': /./, '/networks': /./ }

const OWN_SOCKETS: Readonly<Record<string, RegExp>> = { '': /^(docker\.sock|podman)$/, '/podman': /^podman\.sock$/ }

const below = (folder: string | undefined, parts: Readonly<Record<string, RegExp>>) =>
  folder?.startsWith('/')
    ? Object.fromEntries(Object.entries(parts).map(([part, names]) => [`${folder}${part}`, names] as const))
    : {}

/** With the folder of an LXD that is elsewhere, and the sockets of this user alone. */
export const watchedFolders = (
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, RegExp>> => ({
  ...WATCHED_FOLDERS,
  ...below(environment['LXD_DIR'], LXD_PARTS),
  ...below(environment['XDG_RUNTIME_DIR'], OWN_SOCKETS),
})

export interface WatchOptions {
  readonly folders?: Readonly<Record<string, RegExp>>
  readonly quietMs?: number
}

/** Folders that are not there yet are watched through the nearest one above. A folder that cannot be watched is left out. */
export const watchHost = (changed: () => void, options: WatchOptions = {}): Disposable => {
  const { folders = WATCHED_FOLDERS, quietMs = QUIET_MS } = options
  const owned = new DisposableStore()
  let timer: NodeJS.Timeout | undefined
  const soon = (): void => {
    clearTimeout(timer)
    timer = setTimeout(changed, quietMs)
    timer.unref()
  }
  for (const [folder, names] of Object.entries(folders)) owned.add(watchFolder(folder, names, soon))
  owned.add(disposable(() => clearTimeout(timer)))
  return owned
}

const nearest = (folder: string): string => {
  let at = folder
  while (!existsSync(at) && at !== '/') at = dirname(at)
  return at
}

/**
 * systemd starts a service when somebody connects, as we do to look, and many end by themselves when nobody does: that
 * changes nothing on a card, and looking because of it would never end.
 */
const onDemand = (folder: string, name: string): boolean => {
  const service = /^(invocation:.+)\.service$/.exec(name)?.[1]
  if (service === undefined) return false
  try {
    return readdirSync(folder).some(other => other.startsWith(service) && other.endsWith('.socket'))
  } catch {
    return false
  }
}

const watchFolder = (folder: string, names: RegExp, changed: () => void): Disposable => {
  let watcher: FSWatcher | undefined
  let ended = false
  const look = (): void => {
    watcher?.close()
    watcher = undefined
    if (ended) return
    const place = nearest(folder)
    try {
      watcher = watch(place, { persistent: false }, (_kind, name) => {
        if (place !== folder) {
          // The way there grew, or it is there now.
          if (nearest(folder) === place) return
          look()
          changed()
        } else if (!existsSync(folder)) {
          look()
          changed()
        } else if (name !== null && names.test(name) && !onDemand(folder, name)) changed()
      })
      watcher.on('error', () => watcher?.close())
      // It grew on before it was watched, which nobody tells.
      if (place !== folder && nearest(folder) !== place) {
        look()
        changed()
      }
    } catch {
      // No more watches to be had, or no right to look: a person still has the button.
    }
  }
  look()
  return disposable(() => {
    ended = true
    watcher?.close()
  })
}
