import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Node 24 as npm installs it; the Node that runs this may be older. */
export const node24 = join(root, 'node_modules/.bin/node')

export const nodeMajor = Number(process.versions.node.split('.')[0])

/** The Node to run our programs with. */
export const nodeProgram = () => (nodeMajor >= 24 || !existsSync(node24) ? process.execPath : node24)
