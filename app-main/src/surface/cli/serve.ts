import { spawn } from 'node:child_process'
import { z } from 'zod'
import { RemoteError } from '../../contract/index.ts'
import type { Parts } from './parts.ts'
import { note, print } from './terminal.ts'

const ServeOptions = z.object({
  port: z.coerce.number('a port is a number').int().min(0).max(65_535).optional(),
  host: z.string().optional(),
  open: z.boolean().default(false),
  readOnly: z.boolean().default(false),
  connection: z.array(z.string()).optional(),
})

const openBrowser = (url: string): void => {
  const child = spawn('xdg-open', [url], { stdio: 'ignore', detached: true })
  child.on('error', () => note('vireo: no browser could be opened (xdg-open is missing): open the address yourself.'))
  child.unref()
}

/** Serves until a signal ends it. */
export const serveCommand = async (typed: Readonly<Record<string, unknown>>, parts: Parts): Promise<number> => {
  const options = ServeOptions.safeParse(typed)
  if (!options.success) {
    const issues = options.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`)
    throw new RemoteError({ kind: 'invalid-input', message: issues.join('; '), issues })
  }
  const { port, host, open, readOnly, connection } = options.data
  const server = await parts.serve({
    ...(port === undefined ? {} : { port }),
    ...(host === undefined ? {} : { host }),
    readOnly,
    connections: connection,
  })
  print(server.url)
  if (process.stdout.isTTY) note('The address works once. Ctrl+C ends Vireo.')
  // Everybody reads the arguments of a process.
  if (open) openBrowser(server.freshUrl({ ownOnly: true }))
  await server.closed
  return 0
}
