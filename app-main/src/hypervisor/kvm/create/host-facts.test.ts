import { describe, expect, it } from 'vitest'
import { machineUserOf, atLeast, hostArch, offers, toldByCapabilities } from './host-facts.ts'

const document = (change: (text: string) => string = text => text) =>
  change(`<domainCapabilities><path>/usr/bin/qemu</path><machine>pc-q35-7.2</machine><arch>x86_64</arch><vcpu max='288'/>
<os supported='yes'><enum name='firmware'><value>efi</value></enum><loader supported='yes'><enum name='secure'><value>yes</value><value>no</value></enum></loader></os>
<cpu><mode name='host-passthrough' supported='no'/><mode name='maximum' supported='yes'/></cpu>
<devices><video supported='yes'><enum name='modelType'><value>vga</value><value>virtio</value></enum></video>
<tpm supported='yes'><enum name='backendModel'><value>passthrough</value></enum></tpm>
<channel supported='yes'><enum name='type'><value>unix</value><value>qemu-vdagent</value></enum></channel></devices>
<features><backingStoreInput supported='yes'/></features></domainCapabilities>`)
const told = (change?: (text: string) => string, hypervisor = '7.2.22', daemon = '9.0.0') =>
  toldByCapabilities(document(change), { daemon, hypervisor })

describe('what machines can have', () => {
  it('is read from domain capabilities', () => {
    expect(told()).toEqual({
      ...{ arch: 'x86_64', machine: 'pc-q35-7.2', emulator: '/usr/bin/qemu', maximumCpu: true, hostPassthrough: false },
      ...{ maxCpus: 288, uefi: true, secureBoot: true, tpm: false, virtioVideo: true, vdagent: false, passt: false },
      backingStoreInput: true,
    })
  })

  it('is little where little is told', () => {
    expect(toldByCapabilities('<domainCapabilities/>', { daemon: null, hypervisor: null })).toMatchObject({
      ...{ maxCpus: 1, uefi: false, secureBoot: false, tpm: false, virtioVideo: false, backingStoreInput: false },
    })
  })

  it('depends on versions where capabilities are silent', () => {
    expect(told(undefined, '10.1.0', '9.2.0')).toMatchObject({ vdagent: true, passt: true })
    expect(told(undefined, '10.0.9', '9.1.9')).toMatchObject({ vdagent: false, passt: false })
    expect(told(text => text.replace('passthrough</value></enum></tpm>', 'emulator</value></enum></tpm>')).tpm).toBe(
      true,
    )
    expect([atLeast('11.0', [10, 1]), atLeast('10.1', [10, 1]), atLeast(null, [0, 1])]).toEqual([true, true, false])
  })

  it('knows KVM of the host’s own architecture only', () => {
    const capabilities = (inner: string) =>
      `<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><arch name='i686'><domain type='kvm'/></arch></guest>${inner}</capabilities>`
    const own = (type: string) => capabilities(`<guest><arch name='x86_64'><domain type='${type}'/></arch></guest>`)
    expect([offers(own('kvm'), 'kvm'), offers(own('qemu'), 'kvm'), offers(capabilities(''), 'kvm')]).toEqual([
      true,
      false,
      false,
    ])
    expect(hostArch(own('kvm'))).toBe('x86_64')
  })
})

it.each([
  [
    "<secmodel><model>dac</model><baselabel type='kvm'>+1:+2</baselabel><baselabel type='qemu'>+64055:+108</baselabel></secmodel>",
    { uid: 64055, gid: 108 },
  ],
  ["<secmodel><model>selinux</model><baselabel type='qemu'>+3:+4</baselabel></secmodel>", null],
  ["<secmodel><model>dac</model><baselabel type='qemu'>qemu:qemu</baselabel></secmodel>", null],
  ['', null],
])('whom machines run as: %s', (models, user) => {
  expect(machineUserOf(`<capabilities><host>${models}</host></capabilities>`)).toEqual(user)
})
