/** Where daemons of LXD and Incus listen, by whoever packaged them. */
export const LXD_SNAP_SOCKET = '/var/snap/lxd/common/lxd/unix.socket'
export const LXD_PACKAGE_SOCKET = '/var/lib/lxd/unix.socket'
/** Likeliest first. */
export const INCUS_SOCKETS = ['/run/incus/unix.socket', '/var/lib/incus/unix.socket'] as const
