/** Where machines can be made; pure, and small enough for the first paint. */
import type { Connection, ConnectionUri } from '@vireo/app-main/contract'

/** Ready now. */
export const createPlaces = (connections: Iterable<Connection>): readonly ConnectionUri[] =>
  [...connections].filter(({ kind, state }) => kind === 'kvm' && state === 'ready').map(({ uri }) => uri)
