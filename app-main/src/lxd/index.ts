/** A client of the REST interface of LXD and Incus: the public API. */
export { ByteLine } from './byte-line.ts'
export { LxdClient, type ClientOptions, type Query, type Waiting } from './client.ts'
export { followEvents, type InstanceNews } from './events.ts'
export { isNotFound, isTimeout, productName, protocolError, toRemoteError } from './failure.ts'
export { Descriptors, Instance, InstanceState, Operation, Resources, Server } from './schema.ts'
export { LxdSession, type LxdLink, type SessionStatus } from './session.ts'
export { isLxdUri, likelySocket, lxdTarget, usualSockets, type LxdTarget, type Product } from './target.ts'
