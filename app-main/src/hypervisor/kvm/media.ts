/** CD drives and boot order of libvirt's machines. */
import { RemoteError, type BootDevice, type DomainSummary, type MediaDrive } from '../../contract/index.ts'
import { createLog } from '../../base/log.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isDenied, isNotFound, LibvirtError } from '../../libvirt/index.ts'
import { bootDevicesOf, drivesOf, findDrive, newDrive, withBootFirst, withMedium } from '../../libvirt/xml/media.ts'
import type { DomainKey } from '../driver.ts'
import type { Media, MediumChanged } from '../media.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { chosenDrive } from './media-choice.ts'
import { mediaFailure } from './media-failure.ts'
import { typed } from './typed.ts'

const log = createLog('kvm')

/** The daemon waits some seconds for the guest to let go of a drive. */
const CHANGE_MS = 60_000

const isOn = ({ state }: DomainSummary): boolean => !['shutoff', 'saved', 'crashed'].includes(state)

/** Of `live`, which is null while it is off, and of the definition, which is null where there is none. */
export const mediaOf = (live: string | null, next: string | null) => {
  const later = new Map(drivesOf(next ?? live ?? '').map(drive => [drive.target, drive]))
  const now = drivesOf(live ?? next ?? '')
  const added = [...later.values()].filter(({ target }) => !now.some(drive => drive.target === target))
  const drive = (target: string, bus: string, source: string | null, open: boolean): MediaDrive => ({
    ...{ target, bus, source, open, present: live === null || now.some(one => one.target === target) },
    nextSource: later.get(target)?.source ?? null,
  })
  return {
    drives: [
      ...now.map(({ target, bus, source, open }) => drive(target, bus, source, open)),
      ...added.map(({ target, bus }) => drive(target, bus, null, false)),
    ],
    boot: bootDevicesOf(next ?? live ?? '').map(({ device, kind, order }): BootDevice => ({ device, kind, order })),
  }
}

/** One machine, as what is changed about it wants to see it. */
const machineOf = async (connection: DaemonAccess, key: DomainKey, change: boolean) => {
  const ref = connection.ref(key)
  const { domain } = change ? connection.writable() : connection.daemon()
  const summary = connection.summary(key)
  const on = isOn(summary)
  const live = on ? await domain.getXmlDesc(ref, 0) : null
  const next = summary.persistent ? await domain.getXmlDesc(ref, v.VIR_DOMAIN_XML_INACTIVE) : null
  const update = (device: string, flags: number) =>
    domain.updateDeviceFlags(ref, device, flags, { deadlineMs: CHANGE_MS })
  const attach = (device: string, flags: number) =>
    domain.attachDeviceFlags(ref, device, flags, { deadlineMs: CHANGE_MS })
  return { ref, domain, summary, live, next, update, attach }
}
type Machine = Awaited<ReturnType<typeof machineOf>>

/** Saved memory knows the media of its own time only. */
const later = ({ summary }: Machine): boolean => summary.state === 'saved'

const BOTH = v.VIR_DOMAIN_AFFECT_LIVE | v.VIR_DOMAIN_AFFECT_CONFIG

/** A running machine that takes no drive now has it after a restart. */
const addDrive = async (machine: Machine, path: string): Promise<MediumChanged> => {
  const { live, next, summary } = machine
  if (live !== null) {
    const taken = drivesOf(next ?? live).map(({ target }) => target)
    const { target, xml } = newDrive(live, path, true, taken)
    try {
      await machine.attach(xml, next === null ? v.VIR_DOMAIN_AFFECT_LIVE : BOTH)
      return { drive: target, needsRestart: false }
    } catch (error) {
      const cannotNow = error instanceof LibvirtError && !isDenied(error) && !isNotFound(error)
      if (!cannotNow || next === null) throw error
      log.debug('a running machine takes no drive', { machine: summary.name, error })
    }
  }
  if (next === null) throw new RemoteError({ kind: 'not-found', message: `“${summary.name}” is gone.` })
  const { target, xml } = newDrive(next, path, false)
  await machine.attach(xml, v.VIR_DOMAIN_AFFECT_CONFIG)
  return { drive: target, needsRestart: live !== null || later(machine) }
}

/** The running machine first: it may refuse. What was changed there is taken back when its definition cannot follow. */
const changeDrive = async (machine: Machine, target: string, path: string | null, force: boolean) => {
  const now = machine.live === null ? null : findDrive(machine.live, target)
  const then = machine.next === null ? null : findDrive(machine.next, target)
  const hard = force ? v.VIR_DOMAIN_DEVICE_MODIFY_FORCE : 0
  if (now !== null) await machine.update(withMedium(now, path), v.VIR_DOMAIN_AFFECT_LIVE | hard)
  try {
    if (then !== null) await machine.update(withMedium(then, path), v.VIR_DOMAIN_AFFECT_CONFIG)
  } catch (error) {
    if (now !== null) await machine.update(now, v.VIR_DOMAIN_AFFECT_LIVE | hard).catch(unrestored(machine, target))
    throw error
  }
  return { drive: target, needsRestart: (machine.live !== null && now === null) || later(machine) }
}

const unrestored =
  ({ summary }: Machine, target: string) =>
  (error: unknown): void =>
    log.warn('a drive is not as it was', { machine: summary.name, target, error })

export const kvmMedia = (connection: DaemonAccess): Media => ({
  list: key =>
    typed(async () => {
      const { live, next } = await machineOf(connection, key, false)
      return mediaOf(live, next)
    }),

  change: (key, { drive, path, force }) =>
    typed(async () => {
      const machine = await machineOf(connection, key, true)
      const { live, next, summary } = machine
      // One that is there from the next start on can be filled as well.
      const all = mediaOf(live, next).drives
      const target = chosenDrive(summary.name, all, { drive, path })
      try {
        if (target !== null) return await changeDrive(machine, target, path, force)
        if (path === null)
          throw new RemoteError({ kind: 'precondition', message: `“${summary.name}” has no CD drive.` })
        return await addDrive(machine, path)
      } catch (error) {
        throw mediaFailure(error, summary.name, path)
      } finally {
        await connection.refresh(machine.ref).catch(() => undefined)
      }
    }),

  bootFirst: (key, device) =>
    typed(async () => {
      const { ref, domain, summary } = await machineOf(connection, key, true)
      if (!summary.persistent)
        throw new RemoteError({ kind: 'precondition', message: `“${summary.name}” ceases to exist when it stops.` })
      const before = await domain.getXmlDesc(ref, v.VIR_DOMAIN_XML_INACTIVE | v.VIR_DOMAIN_XML_SECURE)
      const after = withBootFirst(before, device)
      if (after === null) {
        const names = bootDevicesOf(before).map(one => one.device)
        const hint = `It can start from: ${names.join(', ') || 'nothing'}.`
        throw new RemoteError({ kind: 'not-found', message: `“${summary.name}” has no device “${device}”.`, hint })
      }
      if (after !== before) await connection.refresh(await domain.defineXmlFlags(after))
      return { needsRestart: isOn(summary) || summary.state === 'saved' }
    }),
})
