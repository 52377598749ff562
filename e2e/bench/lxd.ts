/** LXD: a thousand simulated instances, and real containers beside LXD's own program. */
import { dirname } from 'node:path'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from '@playwright/test'
import { z } from 'zod'
import { fakeInstance, fakeLxd, uuidOf, type FakeLxd } from '../../app-main/src/lxd/testing/fake-lxd.ts'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { lxdDaemon } from '../fixture/lxd.ts'
import { run } from '../fixture/run.ts'
import { startServer } from '../fixture/server.ts'
import { clockOffset, epochNow, launchBrowser, watchPage } from './browser.ts'
import { inTurns } from './peer.ts'
import { atMost, repeated, single, timesFaster, type Figure, type Label } from './report.ts'
import { webClient, type WebClient } from './web-client.ts'

const INSTANCES = 1000
const EVENTS = 60
const LAUNCHES = 5

const label = (what: string, who: string, unit: Label['unit'] = 'ms'): Label => ({ suite: 'lxd', what, who, unit })

const nameOf = (at: number): string => `web-${String(at).padStart(4, '0')}`

const manyInstances = (fake: FakeLxd): void => {
  for (let at = 0; at < INSTANCES; at++) {
    const network = {
      eth0: { addresses: [{ family: 'inet', address: `10.1.${at >> 8}.${at & 255}`, scope: 'global' }] },
    }
    const state = { status: 'Running', status_code: 103, pid: 1000 + at, network }
    fake.instances.set(nameOf(at), fakeInstance(nameOf(at), { state }))
  }
}

/** Whole programs, from their start to their end; the daemon answers from memory and costs both the same. */
const listing = async (fake: FakeLxd): Promise<Figure[]> => {
  await using vireo = await cli()
  const env = { LXD_DIR: dirname(fake.socket), LXD_CONF: `${vireo.env['HOME'] ?? ''}/lxc` }
  const checked = (said: string): void => {
    if (!said.includes(nameOf(INSTANCES - 1))) throw new Error(`not all were listed: ${said.slice(0, 200)}`)
  }
  const timed = (work: () => Promise<string>) => async (): Promise<number> => {
    const begun = performance.now()
    const said = await work()
    const ms = performance.now() - begun
    checked(said)
    return ms
  }
  const ours = timed(async () => (await vireo.run(['list', '-c', fake.uri])).out)
  const theirs = timed(() => run('lxc', ['list', '-f', 'csv'], { env }))
  const samples = await inTurns(9, new Map([['vireo list', ours], ['lxc list', theirs]])) // prettier-ignore
  return [...samples].map(([who, times]) => repeated(label(`process to list of ${INSTANCES} simulated`, who), times))
}

const shownIds = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[role=row][data-id]')]
      .filter(row => row.getBoundingClientRect().bottom < innerHeight)
      .map(row => row.dataset['id'] ?? ''),
  )

/** Another state of an instance that is on screen: from the daemon's word to the frame that shows it. */
const events = async (page: Page, fake: FakeLxd): Promise<Figure> => {
  const offset = await clockOffset(page)
  const shown = await shownIds(page)
  const names = new Map([...fake.instances.keys()].map(name => [uuidOf(name), name]))
  const times: number[] = []
  for (let turn = 0; turn < EVENTS; turn++) {
    const id = shown[turn % shown.length] ?? ''
    const name = names.get(id.split('@')[0] ?? '') ?? ''
    const known = fake.instances.get(name)
    if (known === undefined) throw new Error(`no instance “${id}” is known`)
    const frozen = known['status_code'] === 103
    const state = frozen ? { status: 'Frozen', status_code: 110 } : { status: 'Running', status_code: 103 }
    fake.instances.set(name, { ...fakeInstance(name, { state: known['state'] }), ...state })
    await page.evaluate(
      selector => window.bench.expectRepaint(selector),
      `[data-id="${id.replace(/["\\]/g, '\\$&')}"] [aria-colindex="2"]`,
    )
    const told = epochNow()
    fake.tell(frozen ? 'instance-paused' : 'instance-resumed', name)
    times.push((await page.evaluate(() => window.bench.repainted ?? 0)) - offset - told)
  }
  return repeated(label('event to repaint', 'Chromium'), times, { ...atMost(100, 'ms (p95)'), of: 'p95' })
}

const inBrowser = async (fake: FakeLxd): Promise<Figure[]> => {
  const server = await startServer({ connections: ['memory:///bench?domains=0'] })
  const browser = await launchBrowser()
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
    const page = await context.newPage()
    await page.addInitScript(watchPage)
    await page.goto(server.url)
    const client = await webClient(server.env['XDG_RUNTIME_DIR'] ?? '')
    const offset = await clockOffset(page)
    const begun = epochNow()
    await client.call('connection', 'add', { uri: fake.uri })
    await page.waitForFunction(() => window.bench.listed > 0)
    const listed = (await page.evaluate(() => window.bench.listed)) - offset - begun
    return [
      single(label(`connect to list of ${INSTANCES} simulated`, 'Chromium'), listed, atMost(1000, 'ms')),
      await events(page, fake),
    ]
  } finally {
    await browser.close()
    await server.stop()
  }
}

/** Real containers. Whole programs count from their start to their end, which is when the container runs. */
const launching = async (): Promise<Figure[]> => {
  await using lxd = await lxdDaemon()
  await using vireo = await cli()
  const launched = (work: (name: string) => Promise<unknown>) => async (): Promise<number> => {
    const name = `t-bench-${randomBytes(4).toString('hex')}`
    const begun = performance.now()
    await work(name)
    const ms = performance.now() - begun
    const state = (await lxd.lxc('list', name, '-f', 'csv', '-c', 's')).trim()
    if (state !== 'RUNNING') throw new Error(`${name} is ${state}`)
    await lxd.lxc('delete', '--force', name)
    return ms
  }
  const server = await startServer({ connections: [lxd.uri] })
  try {
    const window = await webClient(server.env['XDG_RUNTIME_DIR'] ?? '')
    const contestants = new Map([
      ['vireo serve', launched(name => launchByServer(window, lxd.uri, name))],
      ['vireo launch', launched(name => launchByProgram(vireo, lxd.uri, name))],
      ['lxc launch', launched(name => lxd.lxc('launch', 'micro', name))],
    ])
    const samples = await inTurns(LAUNCHES, contestants)
    const times = (who: string) => samples.get(who) ?? []
    const ratio = (who: string) =>
      single(label(`launch to running, lxc / ${who}`, 'ratio', 'x'), timesFaster(times(who), times('lxc launch')))
    return [
      ...[...samples].map(([who, all]) => repeated(label('launch to running', who), all)),
      ...['vireo serve', 'vireo launch'].map(ratio),
    ]
  } finally {
    await server.stop()
  }
}

const launchByProgram = async (vireo: Cli, uri: string, name: string): Promise<void> => {
  const { code, err } = await vireo.run(['launch', '-c', uri, 'micro', name])
  if (code !== 0) throw new Error(`vireo launch: exit ${code}: ${err}`)
}

const Ref = z.object({ taskId: z.string() })
const Tasks = z.array(z.object({ id: z.string(), state: z.string() }))

/** As a window does: from the call to the end of its task, which is when the list shows the machine running. */
const launchByServer = async (client: WebClient, connection: string, name: string): Promise<void> => {
  const { taskId } = Ref.parse(await client.call('lxd', 'launch', { connection, image: 'micro', name }))
  for (;;) {
    const state = Tasks.parse(await client.call('task', 'list')).find(({ id }) => id === taskId)?.state
    if (state === 'done') return
    if (state !== 'running') throw new Error(`the launch of ${name} is ${state ?? 'gone'}`)
    await sleep(5)
  }
}

export const lxdSuite = async (): Promise<Figure[]> => {
  const figures: Figure[] = []
  {
    await using fake = await fakeLxd()
    manyInstances(fake)
    figures.push(...(await listing(fake)), ...(await inBrowser(fake)))
  }
  return [...figures, ...(await launching())]
}
