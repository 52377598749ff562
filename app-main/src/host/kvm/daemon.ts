import type { Services } from '../facts/services.ts'
import type { LibvirtFacts, Machine } from '../machine.ts'

export const KVM_UNITS = ['libvirtd', 'virtqemud', 'virtnetworkd', 'virtstoraged'].flatMap(name => [
  `${name}.service`,
  `${name}.socket`,
])

export interface LibvirtDaemon {
  readonly installed: boolean
  /** One daemon for all, or one for each kind of thing. */
  readonly layout: 'monolithic' | 'modular' | null
  /** The service that counts, for instance `libvirtd`. */
  readonly name: 'libvirtd' | 'virtqemud'
  readonly running: boolean
  /** The service sleeps, and its socket wakes it: as good as running. */
  readonly socketActivated: boolean
  readonly enabled: boolean
  readonly masked: boolean
  readonly socket: string
}

const SOCKETS = { libvirtd: '/run/libvirt/libvirt-sock', virtqemud: '/run/libvirt/virtqemud-sock' } as const

export const readLibvirtDaemon = async (
  { commands, files }: Machine,
  services: Services,
  libvirt: LibvirtFacts,
): Promise<LibvirtDaemon> => {
  const [monolithic, modular, modularSocket] = await Promise.all([
    commands.find('libvirtd'),
    commands.find('virtqemud'),
    files.stat(SOCKETS.virtqemud),
  ])
  const on = (name: string) => {
    const [service, socket] = [services.unit(`${name}.service`), services.unit(`${name}.socket`)]
    return { service, socket, wanted: service.enabled || socket.enabled || service.active || socket.active }
  }
  // Both may be installed: the one that somebody switched on counts, as it does for libvirt's own clients.
  const isModular =
    modular !== undefined &&
    (monolithic === undefined || modularSocket !== undefined || (on('virtqemud').wanted && !on('libvirtd').wanted))
  const name = isModular ? 'virtqemud' : 'libvirtd'
  const { service, socket } = on(name)
  const answers = libvirt.state === 'open' || libvirt.state === 'denied'
  return {
    installed: monolithic !== undefined || modular !== undefined,
    layout: isModular ? 'modular' : monolithic ? 'monolithic' : null,
    name,
    running: answers || service.active || (socket.active && libvirt.state !== 'refused'),
    socketActivated: socket.active && !service.active,
    enabled: service.enabled || socket.enabled,
    masked: service.masked,
    socket: SOCKETS[name],
  }
}
