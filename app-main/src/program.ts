/** The program `vireo`. What a command does not need is not loaded. */
import { join } from 'node:path'
import { VERSION } from './service/app/version.ts'
import type { Parts } from './surface/cli/parts.ts'
import { runCli } from './surface/cli/run.ts'

// All of it is built into out/main, beside what the browser loads and what guests get.
const out = join(import.meta.dirname, '..')
const agentFolder = join(out, 'agent')

const parts: Parts = {
  version: VERSION,
  createBackend: async options => (await import('./backend.ts')).createBackend({ ...options, agentFolder }),
  async serve(options) {
    const [{ createBackend }, { runServer }] = await Promise.all([
      import('./backend.ts'),
      import('./surface/web/run-server.ts'),
    ])
    const shellReason = process.env['VIREO_SHELL_REASON']
    // To look only is to open nothing either.
    const forwards = options.readOnly !== true
    const backend = await createBackend({ connections: options.connections, shellReason, agentFolder, forwards })
    try {
      const server = await runServer(backend, { ...options, staticDir: join(out, 'renderer') })
      void server.closed.finally(() => backend.dispose())
      return server
    } catch (error) {
      backend.dispose()
      throw error
    }
  },
}

// Whoever reads may stop reading: `vireo list | head -1`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
process.exitCode = await runCli(process.argv.slice(2), parts)
// Nothing should be left to do by now; a socket that lingers must not keep a script waiting.
setTimeout(() => process.exit(), 1000).unref()
