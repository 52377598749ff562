import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HostStatus } from '../contract/index.ts'
import { Detector } from './detector.ts'
import * as part from './testing/computers.ts'
import { merged, recordedMachine, type Recording } from './testing/recorded-machine.ts'
import { watchHost } from './watch.ts'

const GOOD = [
  part.DEBIAN,
  part.INTEL,
  part.MODULES_ON_DISK,
  part.KVM_LOADED,
  part.LIBVIRT_PROGRAMS,
  part.LIBVIRTD_RUNS,
  part.LIBVIRT_OPEN,
]
describe('the detector', () => {
  let folder = ''
  const owned: { dispose(): void }[] = []
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'detector-'))))
  afterEach(async () => {
    for (const one of owned.splice(0)) one.dispose()
    await rm(folder, { recursive: true })
  })
  const bench = (...recordings: readonly Recording[]) => {
    const machine = recordedMachine(merged(...GOOD, ...recordings))
    const systemctl = machine.commands.run
    // Under KVM the guest says that all is well; emulation fails, so that no times have to be compared.
    const run = vi
      .spyOn(machine.commands, 'run')
      .mockImplementation(async (program, args, ms) =>
        program.includes('qemu')
          ? { code: args.includes('q35,accel=kvm') ? 85 : 1, out: '', err: '' }
          : systemctl(program, args, ms),
      )
    const libvirt = vi.spyOn(machine, 'libvirt')
    const detector = new Detector(machine, { folders: { [folder]: /^socket$/ }, quietMs: 10 })
    const told: HostStatus[] = []
    owned.push(
      detector,
      detector.onChange(status => told.push(status)),
    )
    const probes = () => run.mock.calls.filter(([program]) => program.includes('qemu')).length
    return { detector, told, probes, libvirt, machine }
  }

  it('answers before its slow probes, and tells when they ended', async () => {
    const { detector, told, probes } = bench()
    expect((await detector.quick()).status.hypervisors.kvm).toMatchObject({ probing: true, boot_probe: null })
    const { kvm } = (await detector.complete()).status.hypervisors
    expect(kvm).toMatchObject({ probing: false, boot_probe: { kvm: { outcome: 'passed' } } })
    expect(told.map(({ hypervisors }) => hypervisors.kvm.probing)).toEqual([true, false])
    expect(probes()).toBe(2)
    await detector.complete()
    expect(probes()).toBe(2)
  })

  it('looks once for all who ask at the same time', async () => {
    const { detector, libvirt } = bench()
    const all = await Promise.all([detector.quick(), detector.complete(), detector.complete(), detector.quick()])
    expect(libvirt).toHaveBeenCalledOnce()
    expect(all[1]).toBe(all[2])
  })

  it('looks again when something changed, and boots the probe again only when asked to', async () => {
    const { detector, told, probes, libvirt } = bench()
    await detector.complete()
    libvirt.mockResolvedValue({ ...(await libvirt.mock.results[0]?.value), defaultNetwork: 'inactive' })
    await writeFile(join(folder, 'other'), '')
    await writeFile(join(folder, 'socket'), '')
    await vi.waitFor(() => expect(told.at(-1)?.hypervisors.kvm).toMatchObject({ state: 'needs_init', probing: false }))
    expect(probes()).toBe(2)
    await detector.refresh()
    expect(probes()).toBe(4)
  })

  it('looks again when a connection was lost or came back, and not before anybody asked', async () => {
    const { detector, told, libvirt } = bench()
    detector.news()
    expect(libvirt).not.toHaveBeenCalled()
    await detector.complete()
    libvirt.mockResolvedValue({ ...(await libvirt.mock.results[0]?.value), defaultNetwork: 'inactive' })
    detector.news()
    await vi.waitFor(() => expect(told.at(-1)?.hypervisors.kvm).toMatchObject({ state: 'needs_init', probing: false }))
    detector.dispose()
    detector.news()
    expect(libvirt).toHaveBeenCalledTimes(2)
  })

  it('is not kept busy by whoever may only look', async () => {
    const { detector, probes, libvirt } = bench()
    await detector.complete()
    for (let round = 0; round < 20; round++) await detector.glance()
    expect(libvirt).toHaveBeenCalledOnce()
    const later = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000)
    owned.push({ dispose: () => later.mockRestore() })
    await Promise.all([detector.glance(), detector.glance()])
    await detector.glance()
    expect(libvirt).toHaveBeenCalledTimes(2)
    expect(probes()).toBe(2)
  })

  it('asks a daemon that was slow at first once more, with patience', async () => {
    const { detector, told, libvirt, machine } = bench()
    const open = await machine.libvirt(0)
    libvirt.mockReset()
    libvirt.mockImplementation(async ms => (ms < 1000 ? { ...open, state: 'silent' } : open))
    await detector.complete()
    expect(told.map(({ hypervisors }) => hypervisors.kvm.state)).toEqual(['unknown', 'ready'])
  })

  it('is quiet once it was disposed of', async () => {
    const { detector, told } = bench()
    await detector.quick()
    detector.dispose()
    const before = told.length
    await detector.complete()
    expect(told).toHaveLength(before)
  })

  it('a folder that appears later is watched from then on', async () => {
    const changed = vi.fn()
    owned.push(watchHost(changed, { folders: { [join(folder, 'a', 'b')]: /^socket$/ }, quietMs: 1 }))
    await mkdir(join(folder, 'a', 'b'), { recursive: true })
    await vi.waitFor(() => expect(changed).toHaveBeenCalled())
    // Whatever the first look missed is told by the next change.
    changed.mockClear()
    await vi.waitFor(async () => {
      await writeFile(join(folder, 'a', 'b', 'socket'), `${Math.random()}`)
      expect(changed).toHaveBeenCalled()
    })
  })
})
