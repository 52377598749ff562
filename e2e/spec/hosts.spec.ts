import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lxdDaemon, type LxdDaemon } from '../fixture/lxd.ts'
import { run } from '../fixture/run.ts'
import { startServer } from '../fixture/server.ts'
import { expect as soon, inElectron, test as base } from '../fixture/test.ts'
import { hostsPage } from '../page/hosts.ts'

/** Real commands run here, and daemons are asked what came of them. */
const expect = soon.configure({ timeout: 30_000 })

/** What an installation says that meets a lock, or that goes on until it is stopped while the file `hold` is there. */
const aptGet = (folder: string) => `#!/bin/sh
echo "apt-get $1"
[ "$1" = update ] && exit 0
if [ -e ${folder}/hold ]; then echo holding; sleep 600 & wait; fi
echo 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (unattended-upgr)' >&2
exit 100
`

let folder = ''
let path = ''
let lxd: LxdDaemon
base.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hosts-'))
  await mkdir(join(folder, 'bin'))
  await writeFile(join(folder, 'bin/apt-get'), aptGet(folder))
  await chmod(join(folder, 'bin/apt-get'), 0o755)
  path = await pathWithout('podman')
  lxd = await lxdDaemon({ bare: true })
})
base.afterAll(async () => {
  await lxd[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})
base.skip(inElectron, 'about the browser surface: its server has an environment of its own')

/** PATH as it is, but without one program: folders that have it are replaced by such that lead to all the others. */
const pathWithout = async (program: string): Promise<string> => {
  const folders = (process.env.PATH ?? '').split(':').map(async (original, index) => {
    if (!existsSync(join(original, program))) return original
    const others = join(folder, `path-${index}`)
    await mkdir(others)
    const names = (await readdir(original)).filter(name => name !== program)
    await Promise.all(names.map(name => symlink(join(original, name), join(others, name))))
    return others
  })
  return (await Promise.all(folders)).join(':')
}

/** This computer as it is, but with an LXD of this test alone and a package manager that only says what it would. */
const test = base.extend<{ readonly args: readonly string[] }>({
  args: [[], { option: true }],
  server: async ({ args }, use) => {
    const { LXD_DIR = '', LXD_CONF = '' } = lxd.env
    const env = { LXD_DIR, LXD_CONF, PATH: `${join(folder, 'bin')}:${path}` }
    const server = await startServer({ connections: ['memory:///hosts?domains=1'], args, env })
    await use(server)
    await server.stop()
  },
})

// Two boot probes and a dozen steps on a computer that does other things, too.
test.describe.configure({ timeout: 150_000 })

test('LXD is set up after its commands were shown, and that is undone; the card follows by itself', async ({
  page,
  axe,
  allowConsole,
}) => {
  // The refusal of commands that are not those of the plan any more.
  allowConsole(/409 \(Conflict\)/)
  const hosts = hostsPage(page)
  await hosts.open()
  await expect(page).toHaveURL(/#\/hosts$/)
  const libvirt = /\d+\.\d+\.\d+/.exec(await run('virsh', ['--version']))?.[0] ?? 'no version'
  await expect(hosts.card('KVM / QEMU')).toContainText(`libvirt ${libvirt}`)
  const card = hosts.card('LXD')
  await expect(card).toContainText('Needs set-up')

  const setUp = card.getByRole('button', { name: 'Set up', exact: true })
  await setUp.press('Enter')
  await expect(hosts.dialog).toContainText('lxc storage create local:default dir')
  await expect(hosts.dialog).toContainText(/lxc network create local:lxdbr\d ipv4.address=10\./)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await axe()
  }
  await page.keyboard.press('Escape')
  await expect(setUp).toBeFocused()
  expect(await lxd.lxc('storage', 'list', '-f', 'csv'), 'nothing ran without a yes').toBe('')

  await setUp.press('Enter')
  await hosts.dialog.getByRole('button', { name: 'Run' }).click()
  await expect(hosts.dialog).toContainText('Done: Set up')
  await expect(hosts.output).toContainText('Storage pool default created')
  await expect(card).toContainText('Ready')
  expect(await lxd.lxc('storage', 'list', '-f', 'csv')).toContain('default,dir')
  // LXD tells them in any order.
  const devices = await lxd.lxc('profile', 'device', 'list', 'default')
  expect(devices.split('\n')).toEqual(expect.arrayContaining(['eth0', 'root']))

  await hosts.dialog.getByRole('button', { name: 'Undo…' }).click()
  await expect(hosts.dialog).toContainText('lxc storage delete local:default')
  await hosts.dialog.getByRole('button', { name: 'Undo', exact: true }).click()
  await expect(hosts.dialog).toContainText('Undone: Set up')
  await hosts.dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(card).toContainText('Needs set-up')
  expect(await lxd.lxc('storage', 'list', '-f', 'csv')).toBe('')

  await setUp.click()
  await expect(hosts.dialog).toContainText('lxc storage create')
  await lxd.lxc('storage', 'create', 'default', 'dir')
  await hosts.dialog.getByRole('button', { name: 'Run' }).click()
  await expect(hosts.dialog.getByRole('alert')).toContainText('This computer has changed')
  await hosts.dialog.getByRole('button', { name: 'Show the commands again' }).click()
  await expect(hosts.dialog).not.toContainText('lxc storage create')
  await expect(hosts.dialog).toContainText('pool=default')
  await page.keyboard.press('Escape')
  await expect(card, 'what others do is seen too').toContainText('Ready')
  await lxd.lxc('storage', 'delete', 'default')
  await expect(card).toContainText('Needs set-up')
})

test('an installation that fails shows why on its card, one that is stopped ends; the doctor and the boot probe report', async ({
  page,
  axe,
}) => {
  const hosts = hostsPage(page)
  // Keys are heard from the moment on when the window is there.
  await expect(page.getByRole('link', { name: 'Hosts' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('show hosts')
  await page.keyboard.press('Enter')
  const card = hosts.card('Podman')
  await card.getByRole('button', { name: 'Install' }).click()
  await hosts.dialog.getByRole('button', { name: 'Run' }).click()
  await expect(hosts.dialog.getByRole('alert')).toContainText('Another program is installing packages right now.')
  await expect(hosts.output).toContainText('It is held by process 812')
  await hosts.dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(card).toContainText('Install failed')
  await expect(card).toContainText('Wait until it has finished')
  await expect(card).toContainText('Not installed')

  await writeFile(join(folder, 'hold'), '')
  await card.getByRole('button', { name: 'Install' }).click()
  await hosts.dialog.getByRole('button', { name: 'Run' }).click()
  await expect(hosts.output).toContainText('holding')
  await hosts.dialog.getByRole('button', { name: 'Close' }).last().click()
  await expect(card).toContainText('Install is under way')
  await card.getByRole('button', { name: 'Watch' }).click()
  await hosts.dialog.getByRole('button', { name: 'Stop' }).click()
  await expect(hosts.dialog).toContainText('Install was cancelled')
  await hosts.dialog.getByRole('button', { name: 'Close' }).last().click()

  const probe = hosts.card('KVM / QEMU').getByRole('region', { name: 'Boot probe' })
  await expect(probe).toContainText(/In emulation.*\d ms/)
  await expect(probe.getByRole('button', { name: 'Run it again' })).toBeEnabled()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await axe()
  await page.getByRole('tab', { name: 'Doctor' }).click()
  await expect(page).toHaveURL(/tab=doctor$/)
  const checks = page.getByRole('region', { name: 'Doctor' }).getByRole('listitem')
  await expect(checks.filter({ has: page.getByRole('heading', { name: 'libvirt', exact: true }) })).toContainText('OK')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await axe()
  }
})

test.describe('started read-only', () => {
  test.use({ args: ['--read-only'] })

  test('the commands are shown and cannot be run', async ({ page }) => {
    const hosts = hostsPage(page)
    await hosts.open()
    await hosts.card('LXD').getByRole('button', { name: 'Set up', exact: true }).click()
    await expect(hosts.dialog).toContainText('lxc storage create')
    await expect(hosts.dialog.getByRole('alert')).toContainText('started read-only')
    await expect(hosts.dialog.getByRole('button', { name: 'Run' })).toHaveAttribute('aria-disabled', 'true')
  })
})
