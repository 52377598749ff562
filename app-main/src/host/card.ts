/** What all cards have in common. */
import type { HostAction, Hypervisor, HypervisorName, Indicator, Words } from '../contract/index.ts'
import { words, type HostWordKey } from '../contract/index.ts'

/** Facts as yes and no, to which each hypervisor adds its own. */
export const BLANK = {
  ...{ management: null, version: null, available: false, installed: false, enabled: false, running: false },
  ...{ initialized: false, kernel_supported: false, cpu_supported: false, cpu_vendor: null, nested: false },
  ...{ modules_loaded: false, modules_available: false, user_in_group: false, needs_install: false },
  ...{ needs_enable: false, needs_init: false, needs_modprobe: false, needs_bios_virtualization: false },
  ...{ can_auto_install: false, snap_available: false, boot_probe: null, probing: false },
} as const satisfies Partial<Hypervisor>

export const mark = (id: string, is: Indicator['mark'], key: HostWordKey, values: Words['values'] = {}): Indicator => ({
  id,
  mark: is,
  words: words(key, values),
})

/** Left out where there is nothing to say. */
export const detailsOf = (
  rows: readonly (readonly [label: HostWordKey, value: string | null | undefined])[],
): Hypervisor['details'] => rows.flatMap(([label, value]) => (value ? [{ label, value }] : []))

export const unknownCard = (type: HypervisorName): Hypervisor => ({
  ...BLANK,
  ...{ type, state: 'unknown', probing: true, indicators: [], why: words('why.unknown'), details: [] },
  ...{ primary: null, actions: [] },
})

/** The primary action is one of those that can be done. */
export const withActions = (primary: HostAction | null, others: readonly (HostAction | false)[]) => {
  const actions = [...new Set([...(primary ? [primary] : []), ...others.filter(one => one !== false)])]
  return { primary, actions }
}
