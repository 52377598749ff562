/** The bytes of a machine's VNC screen. */
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { RemoteError } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isUnsupported, type Connection, type DomainRef } from '../../libvirt/index.ts'
import type { DomainXml, GraphicsXml } from '../../libvirt/xml/domain-xml.ts'

const OPEN_MS = 15_000

/**
 * Opens the VNC server: through a descriptor from the daemon, which needs no rights on the server's socket and no
 * password, else at the address it listens on. Throws `unsupported` for a machine without VNC.
 */
export const openScreen = async (daemon: Connection, ref: DomainRef, facts: DomainXml): Promise<Duplex> => {
  const index = facts.graphics.findIndex(({ type }) => type === 'vnc')
  const graphics = facts.graphics[index]
  if (graphics === undefined) throw noVnc(ref.name, facts)
  const passed = await descriptor(daemon, ref, index)
  return passed ?? reach(ref.name, graphics)
}

const noVnc = (name: string, { graphics }: DomainXml): RemoteError => {
  const spice = graphics.some(({ type }) => type === 'spice')
  return new RemoteError({
    kind: 'unsupported',
    message: spice ? `“${name}” has only a SPICE screen.` : `“${name}” has no screen.`,
    ...(spice ? { hint: 'Open it in virt-viewer, or switch it to VNC.' } : {}),
  })
}

/** Undefined where the daemon or this runtime cannot pass descriptors. */
const descriptor = async (daemon: Connection, ref: DomainRef, index: number): Promise<Duplex | undefined> => {
  try {
    return await daemon.domain.openGraphicsFd(ref, index, v.VIR_DOMAIN_OPEN_GRAPHICS_SKIPAUTH, {
      deadlineMs: OPEN_MS,
    })
  } catch (error) {
    if (!isUnsupported(error)) throw error
    return undefined
  }
}

const reach = (name: string, graphics: GraphicsXml): Promise<Duplex> =>
  new Promise((resolve, reject) => {
    const { socket: path, port } = graphics
    if (path === null && port === null) {
      reject(new RemoteError({ kind: 'unsupported', message: `The screen of “${name}” listens nowhere.` }))
      return
    }
    const socket = path === null ? connect(port ?? 0, hostOf(graphics)) : connect(path)
    const fail = (cause: Error) => {
      clearTimeout(timer)
      socket.destroy()
      const message = `The screen of “${name}” cannot be reached: ${cause.message}`
      reject(new RemoteError({ kind: 'connection', trouble: 'not-responding', message }, { cause }))
    }
    const timer = setTimeout(() => fail(new Error('it does not answer')), OPEN_MS)
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      resolve(socket)
    })
  })

/** A server on all addresses is reached on the nearest. */
const hostOf = ({ address }: GraphicsXml): string => {
  if (address === null || address === '0.0.0.0') return '127.0.0.1'
  return address === '::' ? '::1' : address
}
