/**
 * The pictures in docs/images, of real machines on `qemu:///system`, which must not have machines of these names:
 *
 *     node e2e/pictures.ts [minutes that the charts are to show, 4 unless told] [pictures, all unless told]
 *
 * Takes some minutes longer than that: everything is emulated. A picture that does not come about is told at the end, and
 * keeps none of the others back.
 */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { launchBrowser } from './bench/browser.ts'
import { builtAgent } from './fixture/agent-package.ts'
import { vireo } from './fixture/cli.ts'
import { ensureDaemons } from './fixture/daemons.ts'
import { testDomain, type DomainOptions, type TestDomain } from './fixture/domain.ts'
import { run } from './fixture/run.ts'
import { startServer, type VireoServer } from './fixture/server.ts'
import { until } from './fixture/wait.ts'
import { createPage } from './page/create.ts'
import { hostsPage } from './page/hosts.ts'
import { imagesPage } from './page/images.ts'
import { coloursOf, machineDetail } from './page/machine-detail.ts'
import { machineList } from './page/machine-list.ts'
import { networksPage } from './page/networks.ts'

const URI = 'qemu:///system'
const SIZE = { width: 1440, height: 900 }
const CHARTS = { width: 1052, height: 760 }
const TABLES = { width: 1240, height: 760 }
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/images')
const [told = '4', ...wanted] = process.argv.slice(2)
const minutes = Number(told)
/** Emulated guests take their time. */
const slow = { timeout: 120_000 }

const OS = 'http://libosinfo.org/xmlns/libvirt/domain/1.0'
const KEPT = { start: false, kind: 'blank' } as const

/** What stands in the list: its system as its owner said it, and what is to be seen of it. */
const MACHINES: readonly (DomainOptions & { readonly name: string; readonly os: string })[] = [
  { name: 'web-1', kind: 'debian', network: 'default', os: 'debian.org/debian/12' },
  { name: 'web-2', kind: 'agent', network: 'default', os: 'ubuntu.com/ubuntu/24.04' },
  { name: 'db-primary', kind: 'agent', network: 'default', memoryMiB: 256, vcpus: 2, os: 'debian.org/debian/12' },
  { name: 'ci-runner-a', kind: 'agent', network: 'default', os: 'fedoraproject.org/fedora/42' },
  { name: 'ci-runner-b', network: 'default', os: 'fedoraproject.org/fedora/42' },
  { name: 'kernel-lab', os: 'archlinux.org/archlinux/rolling' },
  { name: 'freebsd', ...KEPT, memoryMiB: 1024, os: 'freebsd.org/freebsd/14.2' },
  { name: 'scratch-3', ...KEPT, memoryMiB: 2048, os: 'debian.org/debian/13' },
  { name: 'windows-11', ...KEPT, memoryMiB: 4096, os: 'microsoft.com/win/11' },
]

/** A guest that panics may do so before its agent has answered. */
const crash = async (machine: TestDomain | undefined): Promise<void> => {
  const asked = await machine?.spawnInGuest('/bin/crash').catch((error: unknown) => error)
  await until(`the crash (${String(asked)})`, async () => (await machine?.state()) === 'crashed', slow.timeout)
}

const make = async (stack: AsyncDisposableStack): Promise<ReadonlyMap<string, TestDomain>> => {
  const machines = new Map<string, TestDomain>()
  for (const { os, ...options } of MACHINES) {
    const machine = stack.use(await testDomain(options))
    const system = `<libosinfo><os id='http://${os}'/></libosinfo>`
    const live = options.start === false ? [] : ['--live']
    await machine.virsh('metadata', OS, '--config', ...live, '--key', 'libosinfo', '--set', system)
    machines.set(machine.name, machine)
  }
  for (const machine of machines.values())
    if ((await machine.state()) === 'running') await machine.ready().catch(() => machine.ready())
  await machines.get('ci-runner-b')?.virsh('suspend')
  await crash(machines.get('kernel-lab'))
  const installed = await vireo(['agent', 'install', 'web-1', '-c', URI], { deadline: 300_000 })
  if (installed.code !== 0) throw new Error(installed.err)
  return machines
}

/** What happens in the machines while they are watched: bursts of work, so that there is something to see. */
const busy = async (end: number): Promise<void> => {
  const work = 'for i in 1 2 3; do head -c 30000000 /dev/urandom | gzip >/var/tmp/work; sync; sleep 1; done'
  for (let turn = 0; Date.now() < end; turn++) {
    const name = turn % 3 === 2 ? 'ci-runner-a' : 'web-1'
    await vireo(['exec', name, '-c', URI, '--timeout', '25', '--shell', '--', work], { deadline: 90_000 })
    await sleep(Math.min(10_000 + 5000 * (turn % 3), Math.max(0, end - Date.now())))
  }
}

const take = async (page: Page, name: string): Promise<void> => {
  // Nobody points at anything.
  await page.mouse.move(0, SIZE.height - 1)
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' })
  console.log(name)
}

const panelOf = (page: Page, name: string) =>
  machineDetail(page, 'web-1').region.getByRole('tabpanel', { name, exact: true })

const openMachine = async (page: Page): Promise<void> => {
  await page.getByRole('link', { name: 'Machines' }).click()
  await machineList(page).open('web-1')
  await machineDetail(page, 'web-1').region.getByText('told by the guest').first().waitFor(slow)
}

const openLarge = async (page: Page, tab: 'Overview' | 'Guest' | 'Files' | 'Commands' | 'Screen'): Promise<void> => {
  await openMachine(page)
  await page.getByRole('button', { name: 'Show large' }).click()
  await machineDetail(page, 'web-1').tab(tab)
}

const palette = async (page: Page): Promise<void> => {
  await openMachine(page)
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('st')
  await page.getByRole('option').first().waitFor()
}

const hosts = async (page: Page): Promise<void> => {
  await hostsPage(page).open()
  await hostsPage(page).card('KVM / QEMU').getByText('In emulation').waitFor(slow)
  const spinner = page.locator('main svg[class*=spinner]').first()
  await spinner.waitFor({ state: 'detached', ...slow })
}

const images = async (page: Page): Promise<void> => {
  await imagesPage(page).open()
  await imagesPage(page).here('debian-12-base').waitFor(slow)
}

const create = async (page: Page): Promise<void> => {
  await page.getByRole('link', { name: 'Machines' }).click()
  const { dialog, ...wizard } = createPage(page)
  await wizard.open()
  await dialog.getByRole('region', { name: 'What it will be' }).waitFor(slow)
}

const guest = async (page: Page): Promise<void> => {
  await openLarge(page, 'Guest')
  await panelOf(page, 'Guest').getByText('vireo-debian').waitFor(slow)
  await panelOf(page, 'Guest').getByRole('row').nth(5).waitFor(slow)
}

const files = async (page: Page): Promise<void> => {
  await openLarge(page, 'Files')
  const { region } = machineDetail(page, 'web-1')
  await region.getByRole('button', { name: 'Type a path' }).click(slow)
  const path = region.getByRole('textbox', { name: 'Path of a folder' })
  await path.fill('/etc')
  await path.press('Enter')
  await region.getByRole('grid', { name: 'Files in /etc' }).waitFor(slow)
  const backup = { name: 'backup.tar', mimeType: 'application/x-tar', buffer: randomBytes(40_000_000) }
  await region.locator('input[type=file]').first().setInputFiles(backup, slow)
  const share = async () => Number(await region.getByRole('progressbar').first().getAttribute('aria-valuenow', slow))
  await until('some of it to be there', async () => (await share()) >= 8, slow.timeout)
}

const commands = async (page: Page): Promise<void> => {
  await openLarge(page, 'Commands')
  const panel = panelOf(page, 'Commands')
  const line = panel.getByRole('textbox', { name: 'Command' })
  const lines = ['uname -a', 'systemctl list-units --failed', 'df -h / /tmp', 'ls /nowhere']
  for (const [index, command] of lines.entries()) {
    await line.fill(command)
    await line.press('Enter')
    await panel.getByRole('article').nth(index).getByText('exit code').waitFor(slow)
  }
}

/** Whether a program of this name runs in the guest. */
const runs = async (program: string): Promise<boolean> => {
  const { code } = await vireo(['exec', 'web-1', '-c', URI, '--timeout', '20', '--', 'pgrep', '-x', program])
  return code === 0
}

const screen = async (page: Page): Promise<void> => {
  await openLarge(page, 'Screen')
  const canvas = machineDetail(page, 'web-1').region.locator('canvas').last()
  await until('a picture', async () => (await coloursOf(canvas)) > 1, slow.timeout)
  await canvas.click()
  const type = async (text: string) => page.keyboard.type(text, { delay: 150 })
  await type('root\n')
  // login(1) forgets what was typed before it asks.
  await until('login to ask', async () => runs('login'), slow.timeout)
  await sleep(5000)
  await type('vireo\n')
  // One shell is root's on the serial line, the other is this one.
  await until('the shell', async () => (await shells()) > 1, slow.timeout)
  await sleep(5000)
  await type('clear; uptime; free -h; df -h /\n')
  await sleep(10_000)
}

const shells = async (): Promise<number> => {
  const { out } = await vireo(['exec', 'web-1', '-c', URI, '--timeout', '20', '--', 'pgrep', '-c', '-x', 'bash'])
  return Number(out.trim())
}

interface Picture {
  readonly size?: { readonly width: number; readonly height: number }
  readonly dark?: boolean
  /** In the window as it is: a new one would have forgotten what the hypervisor told. */
  readonly stays?: boolean
  readonly show: (page: Page) => Promise<void>
}

const networks = async (page: Page): Promise<void> => {
  await networksPage(page).open()
  await networksPage(page).row('default').waitFor(slow)
}

const PICTURES: Readonly<Record<string, Picture>> = {
  'machines-light': { show: openMachine, stays: true },
  'machines-dark': { show: openMachine, dark: true, stays: true },
  charts: { show: page => openLarge(page, 'Overview'), size: CHARTS, stays: true },
  palette: { show: palette },
  networks: { show: networks },
  images: { show: images },
  hosts: { show: hosts },
  create: { show: create },
  guest: { show: guest, size: TABLES },
  files: { show: files, size: TABLES },
  commands: { show: commands, size: TABLES },
  screen: { show: screen },
}

/** Images to be shown: what they hold does not matter, only that each is another one. */
const makeImages = async ({ env }: VireoServer): Promise<void> => {
  const at = await mkdtemp(join(tmpdir(), 'vireo-pictures-'))
  try {
    for (const [index, name] of ['debian-12-base', 'web-template', 'ci-runner'].entries()) {
      const path = join(at, `${name}.qcow2`)
      await run('qemu-img', ['create', '-q', '-f', 'qcow2', path, `${(index + 1) * 4}G`])
      await run('qemu-io', ['-c', `write -q -P ${index + 1} 0 ${(index + 1) * 24}M`, path])
      const { code, err } = await vireo(['image', 'import', path, '--name', name], { env })
      if (code !== 0) throw new Error(err)
    }
  } finally {
    await rm(at, { recursive: true, maxRetries: 5 })
  }
}

/** Most begin with a window as it was opened, so that none depends on how another ended. */
const takeAll = async ({ page: first, again }: Window, origin: string): Promise<readonly string[]> => {
  const failed: string[] = []
  let page = first
  for (const [name, { size = SIZE, dark = false, stays = false, show }] of Object.entries(PICTURES)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    try {
      if (page.isClosed()) page = await again()
      await page.setViewportSize(SIZE)
      await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' })
      if (!stays || page.url() === 'about:blank') await page.goto(origin)
      await show(page)
      await page.setViewportSize(size)
      await take(page, name)
    } catch (error) {
      console.error(`${name}: ${String(error)}`)
      failed.push(name)
    }
  }
  return failed
}

interface Window {
  readonly page: Page
  /** Another one, of who is logged in already: a browser may crash. */
  readonly again: () => Promise<Page>
}

const openWindow = async (stack: AsyncDisposableStack, url: string): Promise<Window> => {
  const look = { viewport: SIZE, locale: 'en-GB', reducedMotion: 'reduce' } as const
  const launch = async () => {
    const browser = await launchBrowser('--disable-dev-shm-usage')
    stack.defer(() => browser.close())
    return browser
  }
  const page = await (await launch()).newPage(look)
  await page.goto(url)
  await machineList(page).rows.first().waitFor(slow)
  const storageState = await page.context().storageState()
  return { page, again: async () => (await launch()).newPage({ ...look, storageState }) }
}

const main = async (): Promise<readonly string[]> => {
  await builtAgent()
  await using stack = new AsyncDisposableStack()
  const daemons = await ensureDaemons()
  stack.defer(() => daemons.stop())
  await make(stack)
  const server = await startServer({ connections: [URI] })
  // What it logged is no reason to lose pictures.
  stack.defer(() => server.stop().catch((error: unknown) => console.error(String(error))))
  await makeImages(server)
  const window = await openWindow(stack, server.url)
  await machineList(window.page).open('web-1')
  await busy(Date.now() + minutes * 60_000)
  return takeAll(window, server.origin)
}

const missing = await main()
if (missing.length > 0) throw new Error(`not taken: ${missing.join(', ')}`)
