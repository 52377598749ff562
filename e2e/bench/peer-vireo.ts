/** Our client as a peer: reads commands from standard input, answers with one line of JSON each. */
import { createInterface } from 'node:readline'
import { Connection } from '../../app-main/src/libvirt/index.ts'

const connection = await Connection.open(process.argv[2] ?? '')
const domains = await connection.domain.listAll()

const work: Readonly<Record<string, () => Promise<number>>> = {
  list: async () => (await connection.domain.listAll()).length,
  stats: async () => (await connection.domain.getAllStats()).length,
  // How the application measures: the daemon asks several QEMUs side by side.
  'stats-shared': async () => (await connection.domain.listGetStats(domains)).length,
  // As a program would ask: everything at once. The client itself keeps no more than four calls in flight.
  xml: async () => {
    const texts = await Promise.all(domains.map(async domain => connection.domain.getXmlDesc(domain)))
    return texts.filter(text => text !== '').length
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const start = performance.now()
  const count = await work[line]?.()
  process.stdout.write(`${JSON.stringify({ ms: performance.now() - start, count })}\n`)
}
await connection.close()
