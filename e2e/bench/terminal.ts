/** A flood in the window's serial console: what the terminal takes, and whether the window stays alive meanwhile. */
import type { Browser, Page } from '@playwright/test'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { machineDetail, savedOutput } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'
import { bareTerminal } from './bare-terminal.ts'
import { launchBrowser } from './browser.ts'
import { FLOOD, floodDomain, type FloodDomain } from './flood-domain.ts'
import { LINE_BYTES } from './numbered-lines.ts'
import { inTurns } from './peer.ts'
import { atLeast, atMost, median, repeated, single, type Figure, type Label } from './report.ts'
import { ECHO_MS, withServer, type SerialBench } from './serial.ts'
import { showFlood, terminalSize, typeInFlood, watchTerminal, type Shown, type TypedEcho } from './terminal-watch.ts'

const OURS = 'Vireo, Chromium'
const BARE = 'xterm.js, plain WebSocket'
const MEMORY = 'xterm.js, from memory'

const LINES = (16 * 2 ** 20) / LINE_BYTES
const ROUNDS = 5
const ECHOES = 20

const label = (what: string, who: string, unit: Label['unit']): Label => ({ suite: 'terminal', what, who, unit })

const newPage = async (browser: Browser, channel: string | null): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  const page = await context.newPage()
  await page.addInitScript(watchTerminal, channel)
  return page
}

/** The serial tab of the flooded machine, with the keyboard in its terminal. */
const openConsole = async (page: Page, { server }: SerialBench, { domain }: FloodDomain) => {
  await page.goto(server.url)
  await machineList(page).open(domain.name)
  const { region, tab } = machineDetail(page, domain.name)
  // As wide as it gets: a terminal of 80 columns is what guests expect.
  await page.getByRole('separator').focus()
  for (let step = 0; step < 20; step++) await page.keyboard.press('ArrowLeft')
  await tab('Serial')
  await region.getByRole('textbox').focus()
  return region
}

/** The emulator with no wire at all, megabytes per second. */
const fromMemory = async (page: Page): Promise<number> =>
  page.evaluate(
    async ([lines, size]) => {
      const line = (number: number) => `${String(number).padStart(8, '0')} ${'-'.repeat(53)}\r\n`
      const bytes = new TextEncoder().encode(Array.from({ length: lines }, (_, at) => line(at)).join(''))
      const start = performance.now()
      for (let at = 0; at < bytes.length;) {
        // A window's worth at once, in the pieces that Vireo makes.
        const end = Math.min(bytes.length, at + 2 ** 20)
        for (; at + size < end; at += size) window.terminal.write(bytes.subarray(at, at + size), () => undefined)
        const rest = bytes.subarray(at, end)
        at = end
        await new Promise<void>(resolve => window.terminal.write(rest, resolve))
      }
      return bytes.length / (performance.now() - start) / 1000
    },
    [LINES, 32 * 1024] as const,
  )

/** The saved output holds the end of the flood, line by line. */
const checkWhole = (saved: string, { bytes }: Shown): void => {
  const numbers = [...saved.matchAll(/^(\d{8}) -{53}$/gm)].map(([, number]) => Number(number))
  const whole = numbers.every((number, index) => number === LINES - numbers.length + index)
  if (numbers.length < 5000 || !whole) throw new Error(`the terminal shows a damaged flood: ${numbers.length} lines`)
  // The question at the end is one line more.
  if (bytes !== (LINES + 1) * LINE_BYTES) throw new Error(`${bytes} bytes came to the window`)
}

const frameFigures = (who: string, frames: readonly number[]): Figure[] => [
  repeated(label('frame to frame in the flood', who, 'ms'), frames),
  single(label('longest wait for a frame in the flood', who, 'ms'), Math.max(...frames)),
]

const echoFigures = (who: string, { came, parsed }: TypedEcho): Figure[] => [
  repeated(label('key to its echo in the page', who, 'ms'), came),
  repeated(
    label('key to its echo in the terminal', who, 'ms'),
    parsed,
    who === OURS ? { ...atMost(ECHO_MS, 'ms (p95)'), of: 'p95' } : undefined,
  ),
]

const measure = async (bench: SerialBench, flooded: FloodDomain, browser: Browser): Promise<Figure[]> => {
  await using bare = await bareTerminal(flooded.socket)
  const page = await newPage(browser, FLOOD)
  const region = await openConsole(page, bench, flooded)
  const size = await terminalSize(page)
  if (size.cols < LINE_BYTES) throw new Error(`the window's terminal has ${size.cols} columns: lines would be broken`)
  const peer = await newPage(browser, null)
  await peer.goto(bare.url(size))
  await peer.waitForFunction(() => 'terminal' in window)
  const frames: Record<string, number[]> = { [OURS]: [], [BARE]: [] }
  let last: Shown | undefined
  const flood = (who: string, where: Page) => async () => {
    await where.bringToFront()
    last = await showFlood(where, LINES)
    frames[who]?.push(...last.frames)
    return last.bytes / last.ms / 1000
  }
  const rates = await inTurns(
    ROUNDS,
    new Map([
      [OURS, flood(OURS, page)],
      [BARE, flood(BARE, peer)],
      [MEMORY, async () => fromMemory(peer)],
    ]),
  )
  await flood(OURS, page)()
  if (last) checkWhole(await savedOutput(region), last)
  await region.getByRole('textbox').focus()
  const echo = await typeInFlood(page, ECHOES)
  await peer.bringToFront()
  const theirEcho = await typeInFlood(peer, ECHOES)
  const [own = [], theirs = []] = [rates.get(OURS), rates.get(BARE)]
  const share = median(own.map((rate, round) => (rate / (theirs[round] ?? Number.NaN)) * 100))
  return [
    ...[...rates].map(([who, samples]) =>
      repeated(label('flood shown', who, 'MB/s'), samples, who === OURS ? atLeast(10, 'MB/s') : undefined),
    ),
    single(label('flood shown, share of the bare xterm.js', OURS, '%'), share),
    ...Object.entries(frames).flatMap(([who, gaps]) => frameFigures(who, gaps)),
    ...echoFigures(OURS, echo),
    ...echoFigures(BARE, theirEcho),
  ]
}

export const terminalSuite = async (): Promise<Figure[]> => {
  await using daemon = await privateDaemon()
  await using flooded = await floodDomain(daemon.uri)
  const browser = await launchBrowser()
  try {
    return await withServer(daemon, async bench => measure(bench, flooded, browser))
  } finally {
    await browser.close()
  }
}
