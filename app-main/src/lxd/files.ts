/** Files inside an instance, as streams. */
import type { IncomingMessage } from 'node:http'
import { RemoteError } from '../contract/index.ts'
import type { LxdClient } from './client.ts'
import { readShort } from './http.ts'

const pathOf = (client: LxdClient, instance: string, path: string): string =>
  client.path(['instances', instance, 'files'], { path })

/** LXD and Incus give their headers names of their own. */
const header = ({ product }: LxdClient, name: string): string => `x-${product}-${name}`

/** The file's bytes as they come; destroy it to stop. Rejects with `not-found`, or `precondition` for a folder. */
export const openFile = async (
  client: LxdClient,
  instance: string,
  path: string,
  signal: AbortSignal,
): Promise<IncomingMessage> => {
  const answer = await client.stream({ method: 'GET', path: pathOf(client, instance, path), signal })
  const type = answer.headers[header(client, 'type')]
  if (type === undefined || type === 'file') return answer
  answer.destroy()
  throw new RemoteError({ kind: 'precondition', message: `${path} is a ${String(type).slice(0, 20)}, no file.` })
}

/** Writes over a file, from its start; what was longer is cut. */
export const fillFile = async (
  client: LxdClient,
  instance: string,
  file: { readonly path: string; readonly content: AsyncIterable<Uint8Array> },
  signal: AbortSignal,
): Promise<void> => {
  const headers = { [header(client, 'type')]: 'file', [header(client, 'write')]: 'overwrite' }
  const path = pathOf(client, instance, file.path)
  const answer = await client.stream({ method: 'POST', path, headers, content: file.content, signal })
  for await (const _ of answer) if (signal.aborted) break
}

/** Puts an image file into the daemon's store, as it comes. */
export const uploadImage = async (
  client: LxdClient,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> => {
  const answer = await client.stream({ method: 'POST', path: client.path(['images']), content, signal })
  await client.waitFor(await readShort(answer), signal)
}
