/**
 * The pictures in docs/images, of real machines on `qemu:///system`, which must not have machines of these names:
 *
 *     node e2e/pictures.ts [minutes that the charts are to show, 4 unless told]
 *
 * Takes some minutes longer than that: everything is emulated.
 */
import { randomBytes } from 'node:crypto'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from '@playwright/test'
import { launchBrowser } from './bench/browser.ts'
import { builtAgent } from './fixture/agent-package.ts'
import { vireo } from './fixture/cli.ts'
import { ensureDaemons } from './fixture/daemons.ts'
import { testDomain, type DomainOptions, type TestDomain } from './fixture/domain.ts'
import { startServer } from './fixture/server.ts'
import { until } from './fixture/wait.ts'
import { hostsPage } from './page/hosts.ts'
import { expectPicture, machineDetail } from './page/machine-detail.ts'
import { machineList } from './page/machine-list.ts'
import { networksPage } from './page/networks.ts'

const URI = 'qemu:///system'
const SIZE = { width: 1440, height: 900 }
const CHARTS = { width: 1052, height: 760 }
const TABLES = { width: 1240, height: 760 }
const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs/images')
const minutes = Number(process.argv[2] ?? 4)
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
  await machines.get('kernel-lab')?.spawnInGuest('/bin/crash')
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

const inTheList = async (page: Page): Promise<void> => {
  const { region } = machineDetail(page, 'web-1')
  await region.getByText('told by the guest').first().waitFor(slow)
  await take(page, 'machines-light')
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' })
  await take(page, 'machines-dark')
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('st')
  await page.getByRole('option').first().waitFor()
  await take(page, 'palette')
  await page.keyboard.press('Escape')
  await networksPage(page).open()
  await networksPage(page).row('default').waitFor(slow)
  await take(page, 'networks')
  await hostsPage(page).open()
  await hostsPage(page).card('KVM / QEMU').getByText('In emulation').waitFor(slow)
  await page
    .locator('main svg[class*=spinner]')
    .first()
    .waitFor({ state: 'detached', ...slow })
  await take(page, 'hosts')
}

const guest = async (page: Page): Promise<void> => {
  const { region, tab } = machineDetail(page, 'web-1')
  const panel = (name: string) => region.getByRole('tabpanel', { name, exact: true })
  await page.setViewportSize(CHARTS)
  await take(page, 'charts')
  await page.setViewportSize(TABLES)
  await tab('Guest')
  await panel('Guest').getByText('vireo-debian').waitFor(slow)
  await panel('Guest').getByRole('row').nth(5).waitFor(slow)
  await take(page, 'guest')

  await tab('Files')
  await region.getByRole('button', { name: 'Type a path' }).click(slow)
  const path = region.getByRole('textbox', { name: 'Path of a folder' })
  await path.fill('/etc')
  await path.press('Enter')
  await region.getByRole('grid', { name: 'Files in /etc' }).waitFor(slow)
  const backup = { name: 'backup.tar', mimeType: 'application/x-tar', buffer: randomBytes(20_000_000) }
  await region.locator('input[type=file]').first().setInputFiles(backup, slow)
  const share = async () => Number(await region.getByRole('progressbar').first().getAttribute('aria-valuenow', slow))
  await until('some of it to be there', async () => (await share()) >= 8, slow.timeout)
  await take(page, 'files')
  await region.getByRole('button', { name: 'Stop backup.tar' }).click()
  await region.getByRole('button', { name: 'Give up backup.tar' }).click()

  await tab('Commands')
  const line = panel('Commands').getByRole('textbox', { name: 'Command' })
  for (const command of ['uname -a', 'systemctl list-units --failed', 'df -h / /tmp', 'ls /nowhere']) {
    await line.fill(command)
    await line.press('Enter')
    await panel('Commands').getByRole('article').last().getByText('exit code').waitFor(slow)
  }
  await take(page, 'commands')
}

const screen = async (page: Page): Promise<void> => {
  const { region, tab } = machineDetail(page, 'web-1')
  await tab('Screen')
  const canvas = region.locator('canvas').last()
  await expectPicture(canvas)
  await canvas.click()
  for (const typed of ['root\n', 'vireo\n', 'uptime; free -h\n']) {
    await page.keyboard.type(typed, { delay: 100 })
    await sleep(6000)
  }
  await take(page, 'screen')
}

await builtAgent()
await using stack = new AsyncDisposableStack()
const daemons = await ensureDaemons()
stack.defer(() => daemons.stop())
await make(stack)
const browser = await launchBrowser()
stack.defer(() => browser.close())
const server = await startServer({ connections: [URI] })
stack.defer(() => server.stop())
const page = await browser.newPage({ viewport: SIZE, locale: 'en-GB', reducedMotion: 'reduce' })
await page.goto(server.url)
await machineList(page).open('web-1')
await busy(Date.now() + minutes * 60_000)
await inTheList(page)
await page.getByRole('link', { name: 'Machines' }).click()
await machineList(page).open('web-1')
await page.getByRole('button', { name: 'Show large' }).click()
await guest(page)
await page.setViewportSize(SIZE)
await screen(page)
