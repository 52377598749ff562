import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CardState, HypervisorName } from '../contract/index.ts'
import { STATE_RULES, stateOf, type StateFacts } from './state.ts'

/** A hypervisor in good order. */
const good = (change: Partial<StateFacts> = {}): StateFacts => ({
  ...{ type: 'kvm', known: true, needs_bios_virtualization: false, available: true, emulation: false },
  ...{ kernel_supported: true, installed: true, enabled: true, running: true, initialized: true },
  ...{ access: 'granted', conflict: false, acceleration: 'works' },
  ...change,
})
const absent: Partial<StateFacts> = { installed: false, enabled: false, running: false, initialized: false }
const lxd: Partial<StateFacts> = { type: 'lxd', acceleration: 'unknown' }

describe('the state of a card', () => {
  it.each<[string, Partial<StateFacts>, CardState]>([
    ['0 nobody has looked yet', { known: false }, 'unknown'],
    ['1 virtualisation is off in the firmware', { needs_bios_virtualization: true }, 'bios_required'],
    ['1 comes before 2', { needs_bios_virtualization: true, available: false }, 'bios_required'],
    ['2 no hardware support', { available: false, ...absent }, 'not_available'],
    ['3 VirtualBox without its module', { type: 'virtualbox', kernel_supported: false }, 'no_kernel_support'],
    ['3 is not about KVM', { kernel_supported: false }, 'ready'],
    [
      '3 is not about what is not installed',
      { type: 'virtualbox', kernel_supported: false, ...absent },
      'not_installed',
    ],
    ['another one holds the processor', { type: 'virtualbox', conflict: true }, 'conflict'],
    [
      'conflicts of what is not installed are nobody’s',
      { type: 'virtualbox', conflict: true, ...absent },
      'not_installed',
    ],
    ['the socket refuses this user', { access: 'denied', initialized: false }, 'no_permission'],
    ['the daemon is dumb', { ...lxd, access: 'silent', initialized: false }, 'not_responding'],
    ['4 KVM is initialised', {}, 'ready'],
    ['4 LXD is initialised', lxd, 'ready'],
    ['4 Podman runs', { type: 'podman', initialized: false, acceleration: 'unknown' }, 'ready'],
    ['4 comes before 7: it runs, although nothing starts it', { enabled: false }, 'ready'],
    ['4 before the boot probe ended', { acceleration: 'unknown' }, 'ready'],
    ['the boot probe failed', { acceleration: 'failed' }, 'not_working'],
    ['no KVM, but libvirt and an emulator', { available: false, emulation: true }, 'emulation_only'],
    [
      'an emulator, and nothing that manages machines',
      { available: false, emulation: true, ...absent },
      'not_installed',
    ],
    ['5 KVM runs without its network', { initialized: false }, 'needs_init'],
    ['5 LXD runs without storage', { ...lxd, initialized: false }, 'needs_init'],
    ['6 enabled, does not run', { running: false, initialized: false }, 'not_running'],
    ['6 an initialised LXD that was stopped', { ...lxd, running: false }, 'not_running'],
    ['7 installed, not enabled', { enabled: false, running: false, initialized: false }, 'not_enabled'],
    ['8 only the hardware', absent, 'not_installed'],
  ])('%s', (_name, change, state) => {
    expect(stateOf(good(change))).toBe(state)
  })

  const facts: fc.Arbitrary<StateFacts> = fc.record({
    type: fc.constantFrom(...HypervisorName.options),
    access: fc.constantFrom('granted', 'denied', 'silent'),
    acceleration: fc.constantFrom('unknown', 'works', 'failed'),
    ...{
      known: fc.boolean(),
      needs_bios_virtualization: fc.boolean(),
      available: fc.boolean(),
      emulation: fc.boolean(),
    },
    ...{ kernel_supported: fc.boolean(), installed: fc.boolean(), enabled: fc.boolean(), running: fc.boolean() },
    ...{ initialized: fc.boolean(), conflict: fc.boolean() },
  })

  it('is exactly one for every combination of fields, and promises nothing that is not so', () => {
    fc.assert(
      fc.property(facts, some => {
        const state = stateOf(some)
        expect(CardState.options).toContain(state)
        const first = STATE_RULES.findIndex(({ holds }) => holds(some))
        expect(STATE_RULES[first]?.state).toBe(state)
        expect(STATE_RULES.slice(0, first).some(({ holds }) => holds(some))).toBe(false)
        if (['ready', 'not_working', 'emulation_only'].includes(state)) expect(some.running).toBe(true)
        if (state === 'ready') expect(some.available && !some.needs_bios_virtualization).toBe(true)
        if (state === 'ready' && (some.type === 'kvm' || some.type === 'lxd')) expect(some.initialized).toBe(true)
        if (state === 'ready' && some.installed) expect([some.access, some.conflict]).toEqual(['granted', false])
        if (state === 'needs_init') expect([some.running, some.initialized]).toEqual([true, false])
        if (state === 'not_installed') expect(some.installed).toBe(false)
        if (state === 'not_enabled') expect([some.installed, some.enabled]).toEqual([true, false])
      }),
      { numRuns: 5000 },
    )
  })

  it('has a rule for every state, each reached by some combination', () => {
    const reached = new Set(fc.sample(facts, 20_000).map(stateOf))
    // `available` stays for what no other rule takes; today each combination is taken.
    expect([...reached].sort()).toEqual(CardState.options.filter(state => state !== 'available').sort())
    expect(new Set(STATE_RULES.map(({ state }) => state))).toEqual(new Set(CardState.options))
  })
})
