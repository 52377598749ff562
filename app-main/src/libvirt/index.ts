/** A client of libvirt's RPC protocol: the public API. */
export { toAppError, toRemoteError } from './app-error.ts'
export type { Caller } from './caller.ts'
export { Connection, type OpenOptions } from './connection.ts'
export type { AddressSource, BlockInfo, DomainInfo, DomainStateReport, DomainStatsRecord } from './domain.ts'
export * from './errors.ts'
export type * from './events.ts'
export type { KeepaliveOptions } from './keepalive.ts'
export type { DomainCapabilitiesQuery, NodeInfo } from './node.ts'
export type { CallOptions } from './pending-call.ts'
export type { DomainRef, NetworkRef, StoragePoolRef, StorageVolumeRef } from './refs.ts'
export type { StoragePoolInfo } from './storage-pool.ts'
export type { StorageVolumeInfo } from './storage-volume.ts'
export type { Dial, DialOptions, Transport } from './transport.ts'
export { parseUri, type ConnectionTarget, type TransportName } from './uri.ts'
/** Every number of libvirt's headers: `constants.VIR_DOMAIN_RUNNING`… */
export * as constants from './generated/constants.ts'
/** Every procedure of the protocol, for `connection.call`. */
export * as procedures from './generated/remote-procedures.ts'
export * as qemuProcedures from './generated/qemu.ts'
export type { Procedure, ProtocolEvent } from './wire/procedure.ts'
export type {
  RemoteDomainInterface,
  RemoteDomainIpAddr,
  RemoteNetworkDhcpLease,
  RemoteTypedParam,
} from './generated/remote-types.ts'
export { Session, type SessionOptions, type SessionState, type SessionStatus } from './session.ts'
