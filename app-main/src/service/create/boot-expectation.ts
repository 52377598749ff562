/** What the first start of a machine will bring, as far as that was decided. */
import type { BootStage } from '../../contract/index.ts'
import type { Decided } from './decide.ts'
import type { BootExpectation } from './first-boot.ts'
import type { Surroundings } from './surroundings.ts'

const SSH_PORT = 22
type Reasons = Partial<Record<BootStage, string>>

const forwardOf = ({ spec }: Decided): BootExpectation['forward'] => {
  const forwards = spec.nics.flatMap(nic => (nic.type === 'user' ? nic.forwards : []))
  const ssh = forwards.find(({ guest, protocol }) => guest === SSH_PORT && protocol === 'tcp')
  return ssh === undefined ? null : { host: '127.0.0.1', port: ssh.host }
}

const networkReasons = ({ spec }: Decided, forwarded: boolean): Reasons => {
  if (spec.nics.length === 0) return { address: 'It has no network card.', ssh: 'It has no network card.' }
  if (spec.nics.some(({ type }) => type !== 'user' && type !== 'macvtap')) return {}
  if (spec.nics.some(({ type }) => type === 'macvtap') && !forwarded) {
    const reason = 'This computer cannot see machines behind macvtap.'
    return { address: reason, ssh: reason }
  }
  const address = 'It is behind user networking.'
  return forwarded ? { address } : { address, ssh: `${address} No port leads to its port 22.` }
}

const insideReasons = ({ source }: Surroundings, { seed }: Decided): Reasons => {
  const installed = 'It is to be installed first.'
  if (source.kind === 'iso' && seed === null)
    return { address: installed, agent: installed, 'cloud-init': installed, ssh: installed }
  const untold = 'It is told nothing at its start.'
  const agents = source.kind === 'image' && source.agents.length > 0
  if (seed === null) return { ...(agents ? {} : { agent: untold }), 'cloud-init': untold, ssh: untold }
  return agents || seed.qemuAgent || seed.vireoAgent ? {} : { agent: 'It gets no agent.' }
}

export const expectationOf = (around: Surroundings, decided: Decided): BootExpectation => {
  const { spec, seed } = decided
  const forward = forwardOf(decided)
  const far: Reasons = around.host.local ? {} : { ssh: 'It runs on another host.' }
  const fixed = seed?.nics.find(({ address }) => address !== null)?.address ?? null
  return {
    ...{ name: spec.name, user: seed?.user?.name ?? null, accelerated: spec.accelerated, forward },
    skipped: { ...networkReasons(decided, forward !== null), ...far, ...insideReasons(around, decided) },
    fixedAddress: fixed === null ? null : (fixed.split('/')[0] ?? null),
    bridged: spec.nics.some(({ type }) => type === 'bridge'),
  }
}
