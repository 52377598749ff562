import { words, type Hypervisor, type HostAction, type Indicator, type Words } from '../../contract/index.ts'
import { BLANK, detailsOf, mark, withActions } from '../card.ts'
import type { HostFacts } from '../facts/read-all.ts'
import { stateOf } from '../state.ts'
import type { LxdFacts } from './facts.ts'

const accessOf = ({ answer, trusted }: LxdFacts) =>
  answer === 'denied' || (answer === 'answered' && !trusted)
    ? 'denied'
    : answer === 'silent' || answer === 'nonsense'
      ? 'silent'
      : 'granted'

/** A socket that answers, even with a refusal or nonsense, has somebody behind it. */
const isRunning = ({ installed, answer, active, socketActivated }: LxdFacts): boolean =>
  installed &&
  (active || ['answered', 'denied', 'silent', 'nonsense'].includes(answer) || (socketActivated && answer !== 'refused'))

const marks = (lxd: LxdFacts, running: boolean, serviceManager: HostFacts['serviceManager']): Indicator[] => {
  const daemon = { daemon: lxd.product }
  if (!lxd.installed) return [mark('installed', 'no', 'is.installed.no')]
  const what = [lxd.product, lxd.version, lxd.origin === 'snap' ? 'snap' : null].filter(Boolean).join(' ')
  const live = running
    ? mark('running', 'yes', lxd.socketActivated ? 'is.running.socket' : 'is.running', daemon)
    : mark('running', 'no', lxd.answer === 'refused' ? 'is.running.refuses' : 'is.running.no', daemon)
  return [
    mark('installed', 'yes', 'is.installed', { what }),
    lxd.answer === 'silent' || lxd.answer === 'nonsense' ? mark('running', 'warn', 'is.running.silent', daemon) : live,
    ...(lxd.masked ? [mark('masked', 'warn', 'is.masked', { unit: `${lxd.unit}.service` })] : []),
    ...(accessOf(lxd) === 'denied' ? [mark('access', 'no', 'is.access.no', daemon)] : []),
    ...(lxd.membership === 'stale' ? [mark('stale', 'warn', 'is.stale', { group: lxd.group })] : []),
    ...(lxd.enabled
      ? [mark('enabled', 'yes', 'is.enabled')]
      : [mark('enabled', 'no', serviceManager === 'none' ? 'is.enabled.none' : 'is.enabled.no')]),
    ...(lxd.pools === null
      ? []
      : lxd.pools.length > 0
        ? [mark('storage', 'yes', 'is.storage', { count: lxd.pools.length })]
        : [mark('storage', 'no', 'is.pool.none')]),
    ...(lxd.networks === null
      ? []
      : lxd.networks[0] !== undefined
        ? [mark('network', 'yes', 'is.bridge', { name: lxd.networks[0] })]
        : [mark('network', 'no', 'is.bridge.none')]),
    ...(lxd.clustered ? [mark('cluster', 'yes', 'is.cluster')] : []),
  ]
}

const whyOf = (lxd: LxdFacts, state: Hypervisor['state']): Words => {
  if (state === 'unknown') return words('why.unknown')
  if (state === 'no_permission')
    return lxd.membership === 'stale'
      ? words('why.stale', { group: lxd.group, command: `sg ${lxd.group} -c vireo` })
      : words('why.no_permission', { group: lxd.group })
  if (state === 'not_responding') return words('why.not_responding', { daemon: lxd.product })
  if (state === 'needs_init') return words('why.needs_init.lxd')
  if (state === 'not_running' && lxd.masked) return words('why.not_running.masked', { unit: `${lxd.unit}.service` })
  if (state === 'not_running') return words(lxd.answer === 'refused' ? 'why.not_running.refuses' : 'why.not_running')
  if (state === 'ready' || state === 'not_enabled' || state === 'not_installed') return words(`why.${state}`)
  return words('why.not_available')
}

/** A cluster's storage and networks are set up for all of its members at once. */
const canInitialise = (lxd: LxdFacts): boolean =>
  !lxd.clustered && lxd.pools !== null && lxd.networks !== null && (lxd.pools.length === 0 || lxd.networks.length === 0)

const primaryOf = (facts: HostFacts, state: Hypervisor['state']): HostAction | null => {
  const { lxd, distribution, serviceManager } = facts
  if (state === 'not_installed') return distribution.manager ? 'install' : null
  if (state === 'no_permission') return lxd.membership === 'no' ? 'add-to-groups' : null
  if (state === 'not_enabled') return serviceManager === 'none' ? null : 'enable'
  if (state === 'not_running') return lxd.masked || serviceManager === 'none' ? null : 'start'
  if (state === 'needs_init') return canInitialise(lxd) ? 'initialise' : null
  return null
}

export const lxdCard = (facts: HostFacts): Hypervisor => {
  const { lxd, distribution, serviceManager } = facts
  const running = isRunning(lxd)
  const access = accessOf(lxd)
  const initialized = running && lxd.pools !== null && lxd.pools.length > 0
  const flags = {
    ...{ available: facts.platform === 'Linux', installed: lxd.installed, enabled: lxd.enabled, running, initialized },
    ...{ kernel_supported: true, needs_install: !lxd.installed, needs_enable: lxd.installed && !lxd.enabled },
    needs_init: running && access === 'granted' && !initialized,
    user_in_group: lxd.membership === 'login' || lxd.membership === 'root',
    can_auto_install: distribution.manager !== null,
    snap_available: lxd.snap,
  }
  const state = stateOf({
    ...{
      type: 'lxd',
      known: facts.final || access !== 'silent',
      needs_bios_virtualization: false,
      emulation: false,
      conflict: false,
    },
    ...{ access, acceleration: 'unknown', ...flags },
    enabled: flags.enabled || serviceManager === 'none' || lxd.masked,
  })
  return {
    ...BLANK,
    ...flags,
    ...{ type: 'lxd', state, version: lxd.version },
    management: lxd.installed ? lxd.product.toLowerCase() : null,
    indicators: marks(lxd, running, serviceManager),
    why: whyOf(lxd, state),
    details: detailsOf([
      ['label.version', lxd.version && `${lxd.product} ${lxd.version}`],
      ['label.origin', lxd.origin],
      ['label.socket', lxd.installed ? lxd.socket : null],
      ['label.pools', lxd.pools?.join(', ')],
    ]),
    ...withActions(primaryOf(facts, state), [
      lxd.installed && lxd.membership === 'no' && 'add-to-groups',
      canInitialise(lxd) && 'initialise',
      flags.needs_enable && serviceManager !== 'none' && !lxd.masked && 'enable',
    ]),
  }
}
