import { words, type Hypervisor, type Indicator, type Words } from '../../contract/index.ts'
import { BLANK, detailsOf, mark } from '../card.ts'
import type { HostFacts } from '../facts/read-all.ts'
import { stateOf } from '../state.ts'

const conflictMarks = ({ conflict, kvm }: HostFacts): Indicator[] => {
  if (conflict === 'held' || conflict === 'option') return [mark('conflict', 'warn', 'is.conflict.kvm')]
  return conflict === 'while-running' && kvm.libvirt.running.length > 0
    ? [mark('conflict', 'warn', 'is.conflict.running')]
    : []
}

const whyOf = (facts: HostFacts, state: Hypervisor['state'], version: string | null): Words => {
  if (state === 'no_kernel_support') return words('why.no_kernel_support', { kernel: facts.kernel })
  if (state === 'conflict')
    return facts.conflict === 'option'
      ? words('why.conflict.option')
      : words('why.conflict.kvm', { version: version ?? '' })
  if (state === 'ready' || state === 'not_running' || state === 'not_installed') return words(`why.${state}`)
  return words('why.not_available')
}

/** @param told the version that `VBoxManage` told, once it did */
export const virtualBoxCard = (facts: HostFacts, told: string | null): Hypervisor => {
  const { virtualbox: box, kvm } = facts
  const version = box.version ?? told
  const flags = {
    available: kvm.processor.architecture === 'x86_64',
    installed: box.installed,
    // Its module is loaded at every start of the computer, or it would not be there.
    ...{
      enabled: box.installed,
      running: box.installed && box.moduleLoaded,
      initialized: box.installed && box.moduleLoaded,
    },
    ...{
      kernel_supported: box.moduleAvailable,
      modules_loaded: box.moduleLoaded,
      modules_available: box.moduleAvailable,
    },
    ...{ cpu_supported: kvm.processor.flag !== null, cpu_vendor: kvm.processor.vendor, needs_install: !box.installed },
  }
  const state = stateOf({
    ...{ type: 'virtualbox', known: true, needs_bios_virtualization: false, emulation: false, access: 'granted' },
    conflict: facts.conflict === 'held' || facts.conflict === 'option',
    ...{ acceleration: 'unknown', ...flags },
  })
  const module = box.moduleLoaded
    ? mark('module', 'yes', 'is.module.vbox')
    : box.moduleAvailable
      ? mark('module', 'no', 'is.module.vbox.no')
      : mark('module', 'no', 'is.module.vbox.none', { kernel: facts.kernel })
  return {
    ...BLANK,
    ...flags,
    ...{ type: 'virtualbox', state, version, management: box.installed ? 'virtualbox' : null },
    indicators: box.installed
      ? [
          mark('installed', 'yes', 'is.installed', { what: ['VirtualBox', version].filter(Boolean).join(' ') }),
          module,
          ...conflictMarks(facts),
          ...(box.extensionPack ? [mark('extpack', 'yes', 'is.extpack', { version: box.extensionPack })] : []),
        ]
      : [mark('installed', 'no', 'is.installed.no')],
    why: whyOf(facts, state, version),
    details: detailsOf([
      ['label.version', version],
      ['label.extpack', box.extensionPack],
    ]),
    ...{ primary: null, actions: [] },
  }
}
