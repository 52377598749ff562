/** The network cards of a new machine. */
import { RemoteError, type CreateDraft } from '../../contract/index.ts'
import type { SeedNic } from '../../cloud-init/index.ts'
import type { CreationHost, NicSpec } from '../../hypervisor/creation.ts'

export interface DecidedNic {
  readonly card: NicSpec
  readonly seed: SeedNic
}

type DraftNic = CreateDraft['networks'][number]

const USUAL = 'default'

const wrong = (message: string, hint?: string): RemoteError =>
  new RemoteError({ kind: 'invalid-input', message, ...(hint === undefined ? {} : { hint }) })

const onNetwork = (name: string, { networks }: CreationHost): Pick<NicSpec, 'type' | 'source'> => {
  const network = networks.find(one => one.name === name)
  if (!network) {
    const names = networks.map(one => one.name).join(', ')
    throw wrong(
      `There is no network “${name}” on this connection.`,
      names === '' ? 'It has none.' : `There are: ${names}.`,
    )
  }
  if (network.active) return { type: 'network', source: name }
  const hint = `Start it: virsh net-start ${name}`
  throw new RemoteError({ kind: 'precondition', message: `The network “${name}” does not run.`, hint })
}

const placeOf = (nic: DraftNic, host: CreationHost): Pick<NicSpec, 'type' | 'source'> => {
  switch (nic.type) {
    case 'auto': {
      if (nic.source !== undefined) return onNetwork(nic.source, host)
      const usual = host.networks.some(({ name, active }) => name === USUAL && active)
      return usual && nic.forwards.length === 0 ? { type: 'network', source: USUAL } : { type: 'user', source: null }
    }
    case 'network':
      return onNetwork(nic.source ?? USUAL, host)
    case 'user':
      return { type: 'user', source: null }
    case 'bridge':
    case 'macvtap':
      if (nic.source === undefined) throw wrong(`A ${nic.type} needs the name of its device.`, 'Say it as its source.')
      return { type: nic.type, source: nic.source }
  }
}

/** @param freshMac gives an address that nobody has */
export const decideNics = (nics: readonly DraftNic[], host: CreationHost, freshMac: () => string): DecidedNic[] => {
  const decided = nics.map((nic): DecidedNic => {
    const mac = nic.mac ?? freshMac()
    if (nic.gateway !== undefined && nic.address === undefined) throw wrong('A gateway goes with a fixed address.')
    return {
      card: { ...placeOf(nic, host), mac, forwards: nic.forwards },
      seed: { mac, address: nic.address ?? null, gateway: nic.gateway ?? null, nameServers: nic.nameServers },
    }
  })
  const macs = decided.map(({ card }) => card.mac)
  if (new Set(macs).size < macs.length) throw wrong('Two network cards have the same MAC address.')
  return decided
}
