/** The window with a thousand machines, in a real Chromium. */
import { join } from 'node:path'
import type { Browser, Page } from '@playwright/test'
import { startServer, type VireoServer } from '../fixture/server.ts'
import { clockOffset, epochNow, launchBrowser, watchPage } from './browser.ts'
import { atMost, repeated, single, type Figure, type Label } from './report.ts'
import { sharedNode, type SharedNode } from './shared-node.ts'
import { tap, type Passing, type Tap } from './tap.ts'
import { webClient } from './web-client.ts'

const label = (what: string, who: string, unit: Label['unit'] = 'ms'): Label => ({
  ...{ suite: 'page, 1,000 domains', what, who, unit },
})

const REMOTE = 0x20008086
/** libvirt's numbers of the calls that list machines: list all, all statistics. */
const LISTING = [273, 344]
/** The events of a machine's life, for clients that register by connection or by callback. */
const LIFECYCLE = [107, 318]

interface Bench {
  readonly node: SharedNode
  readonly wire: Tap
  readonly uri: string
  readonly server: VireoServer
  readonly browser: Browser
}

const openPage = async ({ browser }: Bench): Promise<Page> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  const page = await context.newPage()
  await page.addInitScript(watchPage)
  return page
}

const waitForList = async (page: Page): Promise<number> => {
  await page.waitForFunction(() => window.bench.listed > 0)
  return page.evaluate(() => window.bench.listed)
}

const freshUrl = async ({ server }: Bench): Promise<string> => {
  const client = await webClient(server.env.XDG_RUNTIME_DIR ?? '')
  return `${client.origin}/`
}

/** A reload with a warm server: from the beginning of the navigation to the paint of the first machines. */
const navigation = async (page: Page, bench: Bench): Promise<Figure[]> => {
  const times: number[] = []
  const calls: string[] = []
  page.on('request', request => {
    if (request.url().includes('/api/v1/')) calls.push(new URL(request.url()).pathname.replace('/api/v1/', ''))
  })
  let most = 0
  for (let turn = 0; turn < 9; turn++) {
    calls.length = 0
    await page.goto(await freshUrl(bench))
    const listed = await waitForList(page)
    most = Math.max(most, calls.filter(call => call !== 'domain/stats').length)
    const start = await page.evaluate(() => performance.timeOrigin)
    if (turn > 0) times.push(listed - start)
  }
  // It is interactive only if it answers.
  await page.locator('[role=row][data-id]').first().click()
  await page.locator('[role=row][aria-selected=true]').first().waitFor()
  await page.keyboard.press('Escape')
  return [
    repeated(label('navigation to first list', 'Chromium'), times, atMost(1000, 'ms')),
    single(label('calls of the page for its first list', 'HTTP', 'count'), most, atMost(5, 'calls')),
  ]
}

/** From `connection/add` to the paint of the list: what a person waits for after a daemon was named. */
const connecting = async (page: Page, { wire, uri, server }: Bench): Promise<Figure[]> => {
  const client = await webClient(server.env.XDG_RUNTIME_DIR ?? '')
  const offset = await clockOffset(page)
  const times: number[] = []
  let calls: Passing[] = []
  for (let turn = 0; turn < 7; turn++) {
    await client.call('connection', 'remove', { uri })
    await page.waitForFunction(() => !document.querySelector('[role=row][data-id]'))
    calls = []
    wire.onPassing = passing => calls.push(passing)
    await page.evaluate(() => window.bench.expectRepaint('[role=rowgroup]'))
    const start = epochNow()
    await client.call('connection', 'add', { uri })
    const painted = await page.evaluate(() => window.bench.repainted ?? 0)
    if (turn > 0) times.push(painted - offset - start)
  }
  const listing = calls.filter(({ program, procedure }) => program === REMOTE && LISTING.includes(procedure))
  return [
    repeated(label('connect to list', 'Chromium'), times, atMost(1000, 'ms')),
    single(label('requests for the list', 'libvirt RPC', 'count'), listing.length, atMost(5, 'RPCs')),
  ]
}

/** What virsh does next to a machine in this state; each of them has an event. */
const nextStep: Readonly<Record<string, string>> = { running: 'suspend', paused: 'resume', shutoff: 'start' }

/** The ids of the machines in view. */
const shownMachines = async (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[role=row][data-id]')]
      .filter(row => row.getBoundingClientRect().bottom < innerHeight)
      .map(row => row.dataset.id ?? ''),
  )

const events = async (page: Page, { node, wire, server }: Bench): Promise<Figure[]> => {
  const client = await webClient(server.env.XDG_RUNTIME_DIR ?? '')
  const offset = await clockOffset(page)
  const shown = await shownMachines(page)
  const [fromEvent, fromCommand]: [number[], number[]] = [[], []]
  for (let turn = 0; turn < 80; turn++) {
    const id = shown[Math.floor(Math.random() * shown.length)]
    if (id === undefined) throw new Error('no machine is in view')
    const { name, state } = (await client.call('domain', 'get', { id })) as { name: string; state: string }
    let told = 0
    wire.onPassing = ({ procedure, type, at }) => {
      if (type === 2 && LIFECYCLE.includes(procedure)) told ||= performance.timeOrigin + at
    }
    await page.evaluate(
      selector => window.bench.expectRepaint(selector),
      `[data-id="${quotable(id)}"] [aria-colindex="2"]`,
    )
    const start = epochNow()
    await node.virsh.type([`${nextStep[state] ?? 'destroy'} ${name}`])
    const painted = (await page.evaluate(() => window.bench.repainted ?? 0)) - offset
    if (told === 0) throw new Error('no event passed')
    fromEvent.push(painted - told)
    fromCommand.push(painted - start)
  }
  return [
    repeated(label('event to repaint', 'Chromium'), fromEvent, { ...atMost(100, 'ms (p95)'), of: 'p95' }),
    repeated(label('virsh command to repaint', 'Chromium'), fromCommand),
  ]
}

/** Quotes and backslashes are all that matters inside of a quoted attribute value. */
const quotable = (text: string): string => text.replace(/["\\]/g, '\\$&')

const keystrokes = async (page: Page): Promise<Figure[]> => {
  await page.getByRole('searchbox').click()
  await page.evaluate(() => (window.bench.keys = []))
  for (const word of ['web', 'lab', 'oslo-1', 'desktop', 'prod-2']) {
    for (const key of [...word.split(''), ...Array<string>(word.length).fill('Backspace')]) {
      await page.keyboard.press(key)
      await page.waitForTimeout(200)
    }
  }
  const keys = await page.evaluate(() => window.bench.keys)
  if (keys.length < 20) throw new Error(`only ${keys.length} keys changed the list`)
  return [repeated(label('filter keystroke to repaint', 'Chromium'), keys)]
}

export const pageSuite = async (): Promise<Figure[]> => {
  await using node = await sharedNode({ domains: 1000, running: 500 })
  await using wire = await tap(join(node.daemon.socket, '../tap'), node.daemon.socket)
  const uri = `test:///default?socket=${wire.socket}`
  const server = await startServer({ connections: [uri] })
  const browser = await launchBrowser()
  try {
    const bench: Bench = { node, wire, uri, server, browser }
    const page = await openPage(bench)
    await page.goto(server.url)
    await waitForList(page)
    return [
      ...(await navigation(page, bench)),
      ...(await events(page, bench)),
      ...(await keystrokes(page)),
      ...(await connecting(page, bench)),
    ]
  } finally {
    await browser.close()
    await server.stop()
  }
}
