import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nodeMajor, nodeProgram, root } from './paths.mjs'
import { runThrough } from './spawn.mjs'

/** Asks the schemas that Subiquity and cloud-init publish about what Vireo writes for them. Ends with 1 when something is wrong. */
const main = async () => {
  if (nodeMajor < 24) return runThrough(nodeProgram(), [join(root, 'app-main/tools/check-answers.mjs')])
  const load = file => import(pathToFileURL(join(root, 'app-main/src', file)).href)
  const { checkAnswers, PUBLISHED } = await load('service/create/check-answers.ts')
  const { HttpClient } = await load('image/http.ts')
  const http = new HttpClient()
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
  try {
    const all = await checkAnswers(http, stop.signal)
    const wrong = all.filter(({ problems }) => problems.length > 0)
    for (const { name, by, problems } of wrong) console.log(`FAIL ${name}, by ${by}: ${problems.join('; ')}`)
    for (const { url } of Object.values(PUBLISHED)) console.log(`asked: ${url}`)
    console.log(`${all.length - wrong.length} of ${all.length} documents are well`)
    return wrong.length === 0 ? 0 : 1
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    await http.close()
  }
}

process.exitCode = await main()
