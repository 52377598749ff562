/** The Electron application. */
import * as electron from 'electron'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createBackend } from './backend.ts'
import { runElectron } from './surface/electron/run.ts'

// out/main/main.js, beside what the window loads; inside a package the same folders lie in its archive.
const out = join(import.meta.dirname, '..')

// Chromium's own switches come along; they are not ours to judge.
const { values } = parseArgs({
  args: process.argv.slice(1),
  options: { connection: { type: 'string', multiple: true } },
  strict: false,
})
const connections = values.connection?.filter(uri => typeof uri === 'string')

void runElectron(
  electron,
  {
    page: join(out, 'renderer'),
    preload: join(out, 'preload', 'preload.cjs'),
    icon: join(out, '..', 'assets', 'icon.png'),
  },
  () => createBackend({ connections, agentFolder: join(out, 'agent'), forwards: true }),
)
