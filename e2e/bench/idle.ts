/** What Vireo costs while nothing happens: a hundred machines on screen, then behind another tab. */
import { setTimeout as sleep } from 'node:timers/promises'
import { startServer } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'
import { bareBrowser } from './bare-browser.ts'
import { cpuTime, memoryMegabytes, processTree } from './processes.ts'
import { atMost, single, type Budget, type Figure, type Label } from './report.ts'
import { sharedNode } from './shared-node.ts'

const SECONDS = 30

type Parts = Readonly<Record<'server' | 'renderer' | 'restOfChromium', readonly number[]>>

const partsOf = async (server: number, browser: number): Promise<Parts> => {
  const pids = (processes: readonly { pid: number }[]) => processes.map(({ pid }) => pid)
  const chromium = await processTree(browser)
  // Chromium draws its own toolbar in a renderer as well: that one is Chromium's, with our page or an empty one.
  const renderers = chromium.filter(
    ({ command }) => command.includes('--type=renderer') && !command.includes('--top-chrome-webui'),
  )
  return {
    server: pids(await processTree(server)),
    renderer: pids(renderers),
    restOfChromium: pids(chromium.filter(process => !renderers.includes(process))),
  }
}

const label = (what: string, who: string, unit: '%' | 'MB'): Label => ({ suite: 'idle, 100 domains', what, who, unit })

/** Percent of one core that each part took. */
const watch = async (when: string, parts: Parts, budget: Budget): Promise<Figure[]> => {
  const all = Object.values(parts)
  const before = await Promise.all(all.map(cpuTime))
  const start = performance.now()
  await sleep(SECONDS * 1000)
  const elapsed = performance.now() - start
  const after = await Promise.all(all.map(cpuTime))
  const [server = 0, renderer = 0, rest = 0] = after.map((time, part) => ((time - (before[part] ?? 0)) / elapsed) * 100)
  return [
    single(label(`processor, ${when}`, 'server', '%'), server),
    single(label(`processor, ${when}`, 'renderer', '%'), renderer),
    single(label(`processor, ${when}`, 'server + renderer', '%'), server + renderer, budget),
    single(label(`processor, ${when}`, 'rest of Chromium', '%'), rest),
    single(label(`memory, ${when}`, 'server', 'MB'), await memoryMegabytes(parts.server)),
    single(label(`memory, ${when}`, 'renderer', 'MB'), await memoryMegabytes(parts.renderer)),
  ]
}

/** What the scheduler itself makes of an idle process: less is not told from nothing. */
const nothing: Budget = { words: 'nothing (<= 0.03 %)', holds: percent => percent <= 0.03 }

export const idleSuite = async (): Promise<Figure[]> => {
  await using node = await sharedNode({ domains: 100, running: 50 })
  const server = await startServer({ connections: [node.uri] })
  try {
    await using browser = await bareBrowser(server.url)
    await until(
      'the list',
      async () => browser.evaluate('document.querySelectorAll("[role=row][data-id]").length > 5'),
      30_000,
    )
    // Compilers, caches and the garbage of loading come to rest.
    await sleep(45_000)
    const shown = await watch('shown', await partsOf(server.pid, browser.pid), atMost(0.5, '%'))
    const parts = await partsOf(server.pid, browser.pid)
    await browser.cover()
    await until('the page to be hidden', async () => (await browser.evaluate('document.visibilityState')) === 'hidden')
    await sleep(15_000)
    // The tab in front is not ours: only the processes that were there before count.
    return [...shown, ...(await watch('hidden', parts, nothing))]
  } finally {
    await server.stop()
  }
}
