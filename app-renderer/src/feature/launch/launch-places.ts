import type { Connection, ConnectionUri } from '@vireo/app-main/contract'

/** Where machines can be launched now. */
export const launchPlaces = (connections: Iterable<Connection>): readonly ConnectionUri[] =>
  [...connections].filter(({ kind, state }) => kind === 'lxd' && state === 'ready').map(({ uri }) => uri)
