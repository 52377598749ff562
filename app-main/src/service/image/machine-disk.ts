/** The disk of a machine that is off, as a source of images. */
import { isAbsolute } from 'node:path'
import { RemoteError, type DomainDetail, type DomainId } from '../../contract/index.ts'
import { CATALOGUE } from '../../image/catalogue.ts'
import type { Description, ImageSource } from '../../image/source.ts'
import type { ConnectionSet, Found } from '../connection/connection-set.ts'

export interface MachineDisk {
  readonly source: Extract<ImageSource, { kind: 'machine' }>
  readonly machineName: string
  /** Throws `precondition` once the machine is not off any more. */
  readonly ensureOff: () => void
}

/** Rejects with `precondition` for a machine that is not off, and `unsupported` where its disk is no file that is ours to read. */
export type FindMachineDisk = (
  id: DomainId,
  wish: { readonly disk: string | undefined; readonly about: Description },
  signal: AbortSignal,
) => Promise<MachineDisk>

/** Of a daemon of this computer, whose paths are ours. */
const HERE = /^[a-z]+:\/\/\//

const refused = (kind: 'precondition' | 'unsupported' | 'not-found', message: string, hint?: string) =>
  new RemoteError({ kind, message, ...(hint === undefined ? {} : { hint }) })

const ensureOff = ({ connection, key, summary: { name } }: Found): void => {
  const state = connection.domains.get(key)?.state
  if (state === 'shutoff') return
  if (state === undefined) throw refused('not-found', `There is no machine “${name}” any more.`)
  if (state === 'saved')
    throw refused(
      'precondition',
      `“${name}” is off with saved memory, so its disk is not in order.`,
      'Start it and shut it down, or discard what was saved.',
    )
  throw refused('precondition', `“${name}” is not off.`, 'Shut the machine down first.')
}

const chosen = ({ name, disks }: DomainDetail, target: string | undefined): DomainDetail['disks'][number] => {
  const fit = disks.filter(({ device, readOnly }) => device === 'disk' && !readOnly)
  const disk = target === undefined ? fit[0] : fit.find(one => one.target === target)
  if (disk) return disk
  const there = fit.map(one => one.target).join(', ')
  throw target === undefined
    ? refused('unsupported', `“${name}” has no disk that an image can be made of.`)
    : refused('not-found', `“${name}” has no disk “${target}”.`, there === '' ? undefined : `It has ${there}.`)
}

const pathOf = async ({ connection }: Found, source: string | null, what: string): Promise<string> => {
  if (source !== null && isAbsolute(source) && !source.startsWith('/dev/')) return source
  const [, pool, volume] = /^([^/:]+)\/([^/]+)$/.exec(source ?? '') ?? []
  const found = pool !== undefined && volume !== undefined ? await connection.creation?.volume(pool, volume) : undefined
  if (found && isAbsolute(found.path) && !found.path.startsWith('/dev/')) return found.path
  throw refused('unsupported', `${what} is no file of this computer.`)
}

export const machineDisks =
  (connections: Pick<ConnectionSet, 'domain'>): FindMachineDisk =>
  async (id, { disk: target, about }, signal) => {
    const found = await connections.domain(id, signal)
    const { connection, key, summary } = found
    if (connection.status.kind !== 'kvm' || !HERE.test(connection.uri))
      throw refused('unsupported', `Images cannot be made of machines on ${connection.uri}.`)
    ensureOff(found)
    const detail = await connection.inspect.detail(key)
    const disk = chosen(detail, target)
    const what = `The disk “${disk.target}” of “${summary.name}”`
    const { format } = disk
    // Who does not say what it is may have let the guest choose.
    if (format !== 'qcow2' && format !== 'raw')
      throw refused('unsupported', `${what} is neither qcow2 nor raw by the machine’s definition.`)
    const path = await pathOf(found, disk.source, what)
    const system = CATALOGUE.find(({ osinfo }) => osinfo !== null && osinfo === detail.osId)
    const source = {
      ...({ kind: 'machine', path, format, firmware: detail.firmware } as const),
      about: {
        ...about,
        name: about.name ?? summary.name,
        osId: about.osId ?? system?.id,
        defaultUser: about.defaultUser ?? system?.defaultUser,
      },
    }
    return { source, machineName: summary.name, ensureOff: () => ensureOff(found) }
  }

/** Where there are no machines. */
export const NO_DISKS: FindMachineDisk = async () => {
  throw refused('not-found', 'There are no machines here.')
}
