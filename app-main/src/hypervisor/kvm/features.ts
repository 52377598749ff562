/** What a connection and its machines cannot do, and why. */
import type { DomainSummary, FeatureSheet, HypervisorKind } from '../../contract/index.ts'
import type { DomainXml } from '../../libvirt/xml/domain-xml.ts'
import { agentReason } from '../guest-channel.ts'

const LOCKED = 'The connection is read-only. Unlock it first.'
const TEST = 'libvirt’s test driver has no real machines.'
const SESSION = 'A session daemon has no right to make networks. Use qemu:///system for them.'

/** Null entries are available. */
const clean = (sheet: Record<keyof FeatureSheet, string | null>): FeatureSheet =>
  Object.fromEntries(Object.entries(sheet).filter(([, reason]) => reason !== null))

const available = {
  lifecycle: null,
  suspend: null,
  'managed-save': null,
  autostart: null,
  define: null,
  xml: null,
  stats: null,
  screenshot: null,
  screen: null,
  serial: null,
  channel: null,
  'guest-agent': null,
  network: null,
} as const

/** `unprivileged`: a daemon that runs as an ordinary user. */
export const connectionFeatures = (kind: HypervisorKind, readOnly: boolean, unprivileged = false): FeatureSheet => {
  const locked = readOnly ? LOCKED : null
  const unreal = kind === 'test' ? TEST : null
  return clean({
    ...available,
    lifecycle: locked,
    suspend: locked,
    'managed-save': locked,
    autostart: locked,
    define: locked,
    screenshot: locked,
    screen: unreal ?? locked,
    serial: unreal ?? locked,
    channel: unreal ?? locked,
    'guest-agent': unreal ?? locked,
    network: unprivileged ? SESSION : locked,
  })
}

const OFF = 'The machine is not running.'

/** What one machine cannot do now; what the connection cannot do stays impossible. */
export const domainFeatures = (connection: FeatureSheet, summary: DomainSummary, facts: DomainXml): FeatureSheet => {
  const on = !['shutoff', 'saved', 'crashed'].includes(summary.state)
  const off = on ? null : OFF
  const transient = summary.persistent ? null : 'The machine ceases to exist when it stops.'
  const own = clean({
    ...available,
    suspend: off,
    'managed-save': transient,
    autostart: transient,
    stats: off,
    screen: noScreen(facts) ?? off,
    screenshot: facts.graphics.length === 0 ? NO_SCREEN : off,
    serial: noSerial(facts) ?? off,
    channel: facts.channels.some(({ name }) => name !== null) ? off : 'The machine has no channels.',
    'guest-agent': agentReason(facts.channels, off),
  })
  return { ...own, ...connection }
}

const NO_SCREEN = 'The machine has no screen.'

const noScreen = ({ graphics }: DomainXml): string | null => {
  if (graphics.some(({ type }) => type === 'vnc')) return null
  const only = graphics.find(({ type }) => type !== 'egl-headless')
  if (only === undefined) return NO_SCREEN
  return only.type === 'spice'
    ? 'The machine has only a SPICE screen. Open it in virt-viewer, or switch it to VNC.'
    : `The machine has only a screen of type ${only.type}.`
}

/** libvirt opens a line only where its other end is a terminal; not when its bytes go to a file, a port or a socket. */
const noSerial = ({ consoles }: DomainXml): string | null => {
  if (consoles.some(({ type }) => type === 'pty')) return null
  return consoles.length === 0
    ? 'The machine has no serial line.'
    : `The serial line is connected to ${consoles[0]?.type ?? 'something else'}, not to libvirt.`
}
