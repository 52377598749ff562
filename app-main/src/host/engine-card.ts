/** The cards of Podman and Docker. */
import { words, type Hypervisor, type HostAction, type Indicator, type Words } from '../contract/index.ts'
import { BLANK, detailsOf, mark, withActions } from './card.ts'
import type { EngineFacts } from './facts/engine.ts'
import type { HostFacts } from './facts/read-all.ts'
import { stateOf } from './state.ts'

const TITLES = { podman: 'Podman', docker: 'Docker' } as const
const live = (state: string | undefined) =>
  state !== undefined && ['answered', 'denied', 'silent', 'nonsense'].includes(state)

const accessOf = ({ rootful, rootless }: EngineFacts): 'granted' | 'denied' | 'silent' => {
  if (rootful.answer === 'answered' || rootless?.answer === 'answered') return 'granted'
  if (rootful.answer === 'denied') return 'denied'
  return [rootful.answer, rootless?.answer].some(one => one === 'silent' || one === 'nonsense') ? 'silent' : 'granted'
}

const marks = (engine: EngineFacts, version: string | null, daemon: string): Indicator[] => {
  if (!engine.installed) return [mark('installed', 'no', 'is.installed.no')]
  const { rootful, rootless } = engine
  const SYSTEM: Readonly<Record<EngineFacts['rootful']['answer'], Indicator>> = {
    answered: mark('rootful', 'yes', 'is.rootful'),
    denied: mark('rootful', 'no', 'is.access.no', { daemon }),
    refused: mark('rootful', 'no', 'is.running.refuses', { daemon }),
    silent: mark('rootful', 'warn', 'is.running.silent', { daemon }),
    nonsense: mark('rootful', 'warn', 'is.running.silent', { daemon }),
    absent: mark('rootful', 'no', 'is.running.no', { daemon }),
  }
  return [
    mark('installed', 'yes', 'is.installed', { what: [daemon, version].filter(Boolean).join(' ') }),
    SYSTEM[rootful.answer],
    ...(rootless === null
      ? []
      : [
          rootless.answer === 'answered'
            ? mark('rootless', 'yes', 'is.rootless')
            : mark('rootless', 'no', 'is.rootless.no'),
        ]),
    ...(engine.membership === 'stale' ? [mark('stale', 'warn', 'is.stale', { group: engine.name })] : []),
  ]
}

const whyOf = (engine: EngineFacts, state: Hypervisor['state']): Words => {
  if (state === 'unknown') return words('why.unknown')
  if (state === 'no_permission')
    return engine.membership === 'stale'
      ? words('why.stale', { group: engine.name, command: `sg ${engine.name} -c vireo` })
      : words('why.no_permission', { group: engine.name })
  if (state === 'not_responding') return words('why.not_responding', { daemon: TITLES[engine.name] })
  if (state === 'not_running' && engine.masked)
    return words('why.not_running.masked', { unit: `${engine.name}.service` })
  if (state === 'ready' || state === 'not_running' || state === 'not_enabled' || state === 'not_installed')
    return words(`why.${state}`)
  return words('why.not_available')
}

const primaryOf = (facts: HostFacts, engine: EngineFacts, state: Hypervisor['state']): HostAction | null => {
  if (state === 'not_installed') return facts.distribution.manager ? 'install' : null
  if (facts.serviceManager === 'none' || engine.masked) return null
  return state === 'not_enabled' ? 'enable' : state === 'not_running' ? 'start' : null
}

/** @param told the version that the program told, once it did */
export const engineCard = (facts: HostFacts, engine: EngineFacts, told: string | null): Hypervisor => {
  const version = engine.rootful.version ?? engine.rootless?.version ?? told
  const running = engine.installed && (engine.active || live(engine.rootful.answer) || live(engine.rootless?.answer))
  const flags = {
    ...{ available: facts.platform === 'Linux', installed: engine.installed, running, initialized: running },
    ...{ enabled: engine.enabled, kernel_supported: true, needs_install: !engine.installed },
    needs_enable: engine.installed && !engine.enabled,
    user_in_group: engine.membership === 'login' || engine.membership === 'root',
    can_auto_install: facts.distribution.manager !== null,
  }
  const access = accessOf(engine)
  const state = stateOf({
    ...{
      type: engine.name,
      known: facts.final || access !== 'silent',
      needs_bios_virtualization: false,
      emulation: false,
      conflict: false,
    },
    ...{ access, acceleration: 'unknown', ...flags },
    enabled: flags.enabled || facts.serviceManager === 'none' || engine.masked,
  })
  const firewall = engine.name === 'docker' && running && (facts.lxd.networks?.length ?? 0) > 0
  return {
    ...BLANK,
    ...flags,
    ...{ type: engine.name, state, version, management: engine.installed ? engine.name : null },
    indicators: [
      ...marks(engine, version, TITLES[engine.name]),
      ...(firewall ? [mark('firewall', 'warn', 'is.firewall')] : []),
    ],
    why: whyOf(engine, state),
    details: detailsOf([
      ['label.version', version],
      ['label.rootful', engine.installed ? engine.rootful.path : null],
      ['label.rootless', engine.installed ? engine.rootless?.path : null],
    ]),
    ...withActions(primaryOf(facts, engine, state), []),
  }
}
