/** Looking at machines. */
import { Readable } from 'node:stream'
import { splitDomainId, type DomainDetail, type DomainStats } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isConnectionError, type Connection, type DomainRef } from '../../libvirt/index.ts'
import { parseDomainXml } from '../../libvirt/xml/domain-xml.ts'
import { detailFromXml } from '../detail.ts'
import type { Inspect } from '../driver.ts'
import { requireState } from '../preconditions.ts'
import { allAddresses } from './addresses.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { domainFeatures } from './features.ts'
import { pictureToPng } from './screenshot.ts'
import { STATS_GROUPS, statsOf } from './stats.ts'
import { typed } from './typed.ts'

export const kvmInspect = (connection: DaemonAccess): Inspect => ({
  detail: key =>
    typed(async () => {
      const ref = connection.ref(key)
      const daemon = connection.daemon()
      const facts = parseDomainXml(await daemon.domain.getXmlDesc(ref))
      const summary = connection.summary(key)
      const features = domainFeatures(connection.status.features, summary, facts)
      const detail = detailFromXml(summary, facts, features)
      return { ...detail, disks: await withSizes(daemon, ref, detail.disks) }
    }),

  xml: (key, { inactive }) =>
    typed(() => connection.daemon().domain.getXmlDesc(connection.ref(key), inactive ? v.VIR_DOMAIN_XML_INACTIVE : 0)),

  stats: keys =>
    typed(async () => {
      const domains = keys.flatMap(key => connection.inventory.ref(key) ?? [])
      if (domains.length === 0) return []
      connection.lookedAt()
      const at = Date.now()
      const records = await connection.daemon().domain.listGetStats(domains, { stats: STATS_GROUPS })
      const stats = records.map(record => statsOf(connection.uri, record, at))
      return connection.status.kind === 'kvm' ? stats : withInfo(connection, stats)
    }),

  addresses: key =>
    typed(async () => {
      const ref = connection.ref(key)
      const daemon = connection.daemon()
      if (connection.summary(key).state !== 'running') return []
      const found = await allAddresses(daemon, ref, !daemon.readOnly)
      connection.inventory.table.patch(key, { addresses: found })
      return found
    }),

  screenshot: key =>
    typed(async () => {
      const ref = connection.ref(key)
      requireState(connection.summary(key), 'screenshot')
      const { mime, stream } = await connection.writable().domain.screenshot(ref)
      return Readable.from([await pictureToPng(mime, stream)], { objectMode: false })
    }),
})

/** Sizes of a disk that cannot be asked about, such as an empty drive, stay null. */
const withSizes = (daemon: Connection, ref: DomainRef, disks: DomainDetail['disks']): Promise<DomainDetail['disks']> =>
  Promise.all(
    disks.map(async disk => {
      if (disk.source === null) return disk
      try {
        const { capacity, physical } = await daemon.domain.getBlockInfo(ref, disk.target, { deadlineMs: 5000 })
        return { ...disk, capacityBytes: capacity, allocationBytes: physical }
      } catch (error) {
        if (isConnectionError(error)) throw error
        return disk
      }
    }),
  )

/** Drivers without bulk counters are asked about each machine that runs; only what is on screen is ever asked for. */
const withInfo = (connection: DaemonAccess, stats: DomainStats[]): Promise<DomainStats[]> =>
  Promise.all(
    stats.map(async one => {
      const { key } = splitDomainId(one.id)
      const running = connection.domains.get(key)?.state === 'running'
      if (one.cpuSeconds !== null || !running) return one
      try {
        const info = await connection.daemon().domain.getInfo(connection.ref(key), { deadlineMs: 5000 })
        const cpuSeconds = Number(info.cpuTimeNanoseconds) / 1e9
        return { ...one, cpuSeconds, vcpus: info.vcpus, memoryBytes: info.memoryKiB * 1024 }
      } catch (error) {
        if (isConnectionError(error)) throw error
        return one
      }
    }),
  )
