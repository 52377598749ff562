/** Whose program is at the other end of a loopback connection, as the kernel tells. */
import { readFile } from 'node:fs/promises'
import type { Duplex } from 'node:stream'

interface Ports {
  readonly remotePort?: number | undefined
  readonly localPort?: number | undefined
}

const portOf = (address: string | undefined): number => parseInt(address?.split(':')[1] ?? '', 16)

/**
 * The users of the sockets that a table like `/proc/net/tcp` has from port `from` to port `to`. Addresses are not looked
 * at: with a second pair of the same ports from elsewhere there are two answers, and the asker trusts neither.
 */
export const usersOfPorts = (table: string, from: number, to: number): number[] =>
  table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(fields => portOf(fields[1]) === from && portOf(fields[2]) === to)
    .map(fields => Number(fields[7]))

const look = async ({ remotePort, localPort }: Ports): Promise<boolean> => {
  if (remotePort === undefined || localPort === undefined) return false
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map(file => readFile(file, 'utf8').catch(() => '')),
  )
  const users = tables.flatMap(table => usersOfPorts(table, remotePort, localPort))
  return users.length > 0 && users.every(user => user === process.getuid?.())
}

const known = new WeakMap<object, Promise<boolean>>()

/** Whether this user's own program is at the other end; false when nobody can tell. Looked up once per connection. */
export const isOwnPeer = (connection: Duplex & Ports): Promise<boolean> => {
  const found = known.get(connection) ?? look(connection)
  known.set(connection, found)
  return found
}
