/** What a hypervisor can do with networks. */
import { disposable } from '../base/disposable.ts'
import type { Listen } from '../base/emitter.ts'
import { RemoteError, type DhcpLease, type HostInterface, type Network, type NetworkPlan } from '../contract/index.ts'

/** Where the host can send packets already. */
export interface HostRoute {
  /** As people write it, for instance `10.0.0.0/8`. */
  readonly subnet: string
  readonly device: string
}

export interface HostLinks {
  readonly interfaces: readonly Omit<HostInterface, 'network'>[]
  readonly routes: readonly HostRoute[]
}

/** Networks are named by their name. All failures are `RemoteError`s; what is not there is `not-found`. */
export interface Networks {
  /** Something about networks changed, also by others; not told of users and leases. */
  readonly onNetworks: Listen<void>
  /** Users as far as the machines' definitions are known already. */
  list(): Promise<Network[]>
  /** Users as the daemon knows them now. */
  get(name: string): Promise<{ readonly network: Network; readonly xml: string }>
  /** Null where the computer is another one. */
  host(): Promise<HostLinks | null>
  /** Makes one that passed the checks. When a step fails nothing of it is left. */
  create(plan: NetworkPlan, options: { autostart: boolean; start: boolean }): Promise<void>
  start(name: string): Promise<void>
  stop(name: string): Promise<void>
  autostart(name: string, enabled: boolean): Promise<void>
  /** Stops and removes it. */
  remove(name: string): Promise<void>
  leases(name: string): Promise<DhcpLease[]>
  /** Keeps an address for a network card; another one that was kept for it is given up. */
  fixAddress(name: string, entry: { readonly mac: string; readonly ip: string }): Promise<void>
  /** One that is not there is fine. */
  freeAddress(name: string, mac: string): Promise<void>
}

/** For hypervisors whose networks Vireo does not know. */
export const noNetworks = (message: string): Networks => {
  const refuse = () => Promise.reject(new RemoteError({ kind: 'unsupported', message }))
  return {
    onNetworks: () => disposable(() => undefined),
    ...{ list: refuse, get: refuse, host: refuse, create: refuse, start: refuse, stop: refuse, autostart: refuse },
    ...{ remove: refuse, leases: refuse, fixAddress: refuse, freeAddress: refuse },
  }
}
