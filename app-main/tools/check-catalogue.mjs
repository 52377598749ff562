import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nodeMajor, nodeProgram, root } from './paths.mjs'
import { runThrough } from './spawn.mjs'

/** Asks the vendors whether what the catalogue names is there. Ends with 1 when something is not. */
const main = async () => {
  if (nodeMajor < 24) return runThrough(nodeProgram(), [join(root, 'app-main/tools/check-catalogue.mjs')])
  const load = file => import(pathToFileURL(join(root, 'app-main/src/image', file)).href)
  const { checkCatalogue } = await load('check-catalogue.ts')
  const { HttpClient } = await load('http.ts')
  const http = new HttpClient()
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
  const line = ({ name, architecture, url, problem }) => `${name} ${architecture}: ${problem ?? url}`
  const done = one => console.log(`${one.problem === null ? 'ok  ' : 'FAIL'} ${line(one)}`)
  try {
    const all = await checkCatalogue({ http, signal: stop.signal, done })
    const wrong = all.filter(({ problem }) => problem !== null)
    console.log(`${all.length - wrong.length} of ${all.length} addresses are well`)
    const summary = process.env.GITHUB_STEP_SUMMARY
    if (summary) {
      const list = wrong.map(one => `- ${line(one)}`)
      appendFileSync(summary, [`${wrong.length} of ${all.length} addresses are not well.`, '', ...list, ''].join('\n'))
    }
    return wrong.length === 0 ? 0 : 1
  } finally {
    await http.close()
  }
}

process.exitCode = await main()
