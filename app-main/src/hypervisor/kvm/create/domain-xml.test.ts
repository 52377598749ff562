import { describe, expect, it } from 'vitest'
import { parseDomainXml } from '../../../libvirt/xml/domain-xml.ts'
import { parseXml } from '../../../libvirt/xml/document.ts'
import { attribute, find, findAll } from '../../../libvirt/xml/query.ts'
import { sampleHost, sampleSpec, samples } from '../testing/creation-samples.ts'
import { newDomainXml } from './domain-xml.ts'

const KVM = { kvm: true, hostPassthrough: true }
const rootOf = (spec = sampleSpec(), host = sampleHost()) => parseXml(newDomainXml(spec, host)).root

describe('the definition of a new machine', () => {
  it('says what was wanted, in libvirt’s words', () => {
    const spec = sampleSpec({ name: 'web', cpus: 2, memoryBytes: 2 ** 31, osId: 'http://debian.org/debian/12' })
    expect(parseDomainXml(newDomainXml(spec, sampleHost()))).toMatchObject({
      ...{ virtType: 'qemu', name: 'web', uuid: spec.uuid, osId: 'http://debian.org/debian/12', firmware: 'bios' },
      ...{ vcpus: 2, memoryBytes: 2 ** 31, machine: 'q35' },
      disks: [{ target: 'vda', bus: 'virtio', format: 'qcow2', path: '/pool/web.qcow2', readOnly: false }],
      graphics: [{ type: 'vnc', address: '127.0.0.1', password: 'secret12' }],
      channels: [{ name: 'org.qemu.guest_agent.0' }, { name: 'org.vireo.agent.0' }],
      consoles: [{ kind: 'serial' }, { kind: 'console', targetType: 'virtio' }],
    })
  })

  it.each([
    ['KVM', { accelerated: true }, KVM, 'host-passthrough'],
    ['KVM without passthrough', { accelerated: true }, { kvm: true }, 'maximum'],
    ['emulation, although KVM is there', { accelerated: false }, KVM, 'maximum'],
    ['an old libvirt', { accelerated: true }, { kvm: true, maximumCpu: false }, 'host-model'],
    ['emulation by an old libvirt', { accelerated: false }, { maximumCpu: false }, null],
  ])('has the best processor under %s', (_what, spec, host, mode) => {
    expect(attribute(find(rootOf(sampleSpec(spec), sampleHost(host)), 'cpu'), 'mode')).toBe(mode)
  })

  it('has a queue for each processor, up to eight, on disks and cards that have queues', () => {
    const queues = (cpus: number) => {
      const user = { type: 'user', source: null, mac: '52:54:00:00:00:09', forwards: [] } as const
      const root = rootOf(sampleSpec({ cpus, nics: [...sampleSpec().nics, user] }))
      const of = (path: string) => findAll(root, path).map(one => attribute(find(one, 'driver'), 'queues'))
      return [of('devices/disk'), of('devices/interface')]
    }
    expect(queues(1)).toEqual([[null], [null, null]])
    expect(queues(4)).toEqual([['4'], ['4', null]])
    expect(queues(64)).toEqual([['8'], ['8', null]])
  })

  it('gives space back, and reads its base without taking it over', () => {
    const base = { path: '/cache/base.qcow2', format: 'qcow2' } as const
    const [disk] = sampleSpec().disks
    if (!disk) throw new Error('the sample has no disk')
    const root = rootOf(
      sampleSpec({
        disks: [
          { ...disk, base, direct: true },
          { ...disk, discard: false },
        ],
      }),
    )
    const [first, second] = findAll(root, 'devices/disk')
    const driver = (one: typeof first) =>
      Object.fromEntries([...(find(one, 'driver')?.attributes ?? [])].map(([k, v]) => [k, v.value]))
    expect(driver(first)).toMatchObject({ discard: 'unmap', detect_zeroes: 'unmap', cache: 'none', io: 'native' })
    expect(driver(second)).not.toHaveProperty('cache')
    expect(driver(second)).toMatchObject({ detect_zeroes: 'on' })
    const source = find(first, 'backingStore/source')
    expect([attribute(source, 'file'), attribute(find(source, 'seclabel'), 'relabel')]).toEqual([base.path, 'no'])
    expect(find(second, 'backingStore')).toBeUndefined()
  })

  it('starts from its disk first, and from the installation medium after it', () => {
    const spec = sampleSpec({ seed: '/pool/web-seed.iso', iso: '/iso/debian.iso' })
    const disks = parseDomainXml(newDomainXml(spec, sampleHost())).disks
    expect(disks.map(({ target, device, bus, readOnly }) => [target, device, bus, readOnly])).toEqual([
      ['vda', 'disk', 'virtio', false],
      ['vdb', 'disk', 'virtio', true],
      ['sda', 'cdrom', 'sata', true],
    ])
    const orders = findAll(rootOf(spec), 'devices/disk').map(one => attribute(find(one, 'boot'), 'order'))
    expect(orders).toEqual(['1', null, '2'])
  })

  it('has a clipboard only on desktops whose state can be saved', () => {
    const clipboard = (spec: object, host: object) =>
      newDomainXml(sampleSpec(spec), sampleHost(host)).includes('qemu-vdagent')
    expect(clipboard({ desktop: true }, { vdagent: true })).toBe(true)
    expect(clipboard({ desktop: true }, { vdagent: false })).toBe(false)
    expect(clipboard({ desktop: false }, { vdagent: true })).toBe(false)
  })

  it('cannot be changed by what people type into it', () => {
    const hostile = `</name><x a='1' b="2">&\n"'`
    const spec = sampleSpec({ name: hostile, notes: hostile, tags: [hostile] })
    const root = rootOf(spec)
    expect(find(root, 'name')?.text).toBe(hostile)
    expect(find(root, 'description')?.text).toBe(hostile)
    expect(find(root, 'metadata/vireo:vireo/vireo:tag')?.text).toBe(hostile)
    expect(() => rootOf(sampleSpec({ notes: 'bell \u0007' }))).toThrow(/character/)
  })

  it.each([
    ['KVM', { accelerated: true }, {}],
    ['UEFI', { firmware: 'uefi' }, { uefi: false }],
    ['Secure Boot', { firmware: 'secure-boot' }, { secureBoot: false }],
    ['a TPM', { tpm: true }, { tpm: false }],
    ['BIOS on ARM', {}, { arch: 'aarch64', machine: 'virt' }],
    [
      'forwarded ports',
      {
        nics: [
          {
            type: 'user',
            source: null,
            mac: '52:54:00:00:00:01',
            forwards: [{ host: 2222, guest: 22, protocol: 'tcp' }],
          },
        ],
      },
      {},
    ],
  ] as const)('is refused where the host has no %s', (_what, spec, host) => {
    expect(() => rootOf(sampleSpec(spec), sampleHost(host))).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ kind: 'unsupported', hint: expect.any(String) }) }),
    )
  })

  it('starts an installer once, from its own kernel, and ends with it', () => {
    const install = { kernel: '/pool/k', ramdisk: '/pool/r', commandLine: `auto=true <x> 'y'` }
    for (const firmware of ['bios', 'uefi'] as const) {
      const root = rootOf(sampleSpec({ firmware, install }))
      const words = ['kernel', 'initrd', 'cmdline'].map(name => find(root, `os/${name}`)?.text)
      expect(words).toEqual(['/pool/k', '/pool/r', `auto=true <x> 'y'`])
      expect(find(root, 'on_reboot')?.text).toBe('destroy')
    }
    expect(find(rootOf(), 'os/kernel')).toBeUndefined()
    expect(find(rootOf(), 'on_reboot')?.text).toBe('restart')
  })

  it('is refused with more processors than a machine may have', () => {
    expect(() => rootOf(sampleSpec({ cpus: 1000 }))).toThrow(/at most/)
  })

  it.each(samples().map(sample => [sample.title, sample] as const))('is XML for %s', (_title, { spec, host }) => {
    expect(parseDomainXml(newDomainXml(spec, host)).name).toBe(spec.name)
  })
})
