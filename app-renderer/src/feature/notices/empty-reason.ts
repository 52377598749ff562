/** Why there is no machine to show; pure. */
import type { AppError, Connection, ConnectionUri } from '@vireo/app-main/contract'

export type EmptyReason =
  | { readonly kind: 'connecting'; readonly waiting: readonly Connection[] }
  | { readonly kind: 'failed'; readonly error: AppError }
  | { readonly kind: 'no-connections' }
  | { readonly kind: 'trouble'; readonly troubled: readonly Connection[] }
  | { readonly kind: 'no-machines'; readonly uri: ConnectionUri }

/** Connections with one and the same trouble, in their order: one card says it for all of them. */
export const byTrouble = (troubled: readonly Connection[]): readonly (readonly Connection[])[] => {
  const groups = new Map<string, Connection[]>()
  for (const connection of troubled) {
    const key = connection.error ? JSON.stringify(connection.error) : connection.uri
    groups.set(key, [...(groups.get(key) ?? []), connection])
  }
  return [...groups.values()]
}

/** A ready connection without machines outweighs troubles elsewhere: those have their banner. */
export const emptyReason = (
  connections: readonly Connection[],
  load: { loaded: boolean; error: AppError | null },
): EmptyReason => {
  if (!load.loaded) return load.error ? { kind: 'failed', error: load.error } : { kind: 'connecting', waiting: [] }
  if (connections.length === 0) return { kind: 'no-connections' }
  const ready = connections.find(connection => connection.state === 'ready')
  if (ready) return { kind: 'no-machines', uri: ready.uri }
  const waiting = connections.filter(connection => connection.state === 'connecting')
  if (waiting.length > 0) return { kind: 'connecting', waiting }
  return { kind: 'trouble', troubled: connections }
}
