/** Generates libvirt's RPC codecs and constants from a libvirt source tree. See README.md beside this file. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generate } from './generate.ts'

const outFolder = join(import.meta.dirname, '../../src/libvirt/generated')

const { values } = parseArgs({ options: { source: { type: 'string' } } })
if (values.source === undefined) throw new Error('usage: main.ts --source <libvirt source tree>')
const source = values.source
mkdirSync(outFolder, { recursive: true })
for (const [name, text] of generate(path => readFileSync(join(source, path), 'utf8'))) {
  writeFileSync(join(outFolder, name), text)
}
