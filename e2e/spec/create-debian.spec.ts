import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { builtAgent } from '../fixture/agent-package.ts'
import { cacheFolder } from '../fixture/cache.ts'
import { vireo } from '../fixture/cli.ts'
import { run } from '../fixture/run.ts'
import { startServer } from '../fixture/server.ts'
import { expect, inElectron, test as base } from '../fixture/test.ts'
import { createPage } from '../page/create.ts'
import { machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const URI = 'qemu:///system'
/** A whole system starts by software emulation, on a computer that may be busy. */
const SLOW = 900_000
/** Images are built once and outlive the tests, the one of the command line's way included. */
const CACHE = { XDG_CACHE_HOME: join(cacheFolder(), 'created') }

const virsh = (...args: string[]): Promise<string> => run('virsh', ['-q', '-c', URI, ...args])

const test = base.extend<{ pool: { name: string; folder: string; files: string } }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  pool: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'vireo-debian-'))
    await chmod(folder, 0o755)
    const name = `t-debian-${basename(folder).slice(-6).toLowerCase()}`
    const files = join(folder, 'pool')
    await mkdir(files, { mode: 0o755 })
    await virsh('pool-create-as', name, 'dir', '--target', files)
    await use({ name, folder, files })
    await virsh('destroy', name).catch(() => undefined)
    await virsh('undefine', '--nvram', name).catch(() => undefined)
    await virsh('pool-destroy', name)
    await rm(folder, { recursive: true, maxRetries: 5 })
  },
  server: async ({ connections }, use, info) => {
    info.skip(inElectron, 'in the browser only: it takes minutes')
    info.setTimeout(SLOW)
    const server = await startServer({ connections, env: CACHE })
    await use(server)
    await server.stop()
  },
})

test.use({ connections: [URI] })

test('the wizard makes a Debian built from packages, which starts by UEFI, is set up, lets the chosen key in, and is deleted', async ({
  page,
  pool: { name, folder, files },
  server,
}) => {
  await builtAgent()
  const built = await vireo(['image', 'build', 'debian-12'], { env: { ...server.env }, deadline: SLOW })
  expect(built.code, built.err).toBe(0)
  const key = join(folder, 'key')
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'chosen', '-f', key])

  const create = createPage(page)
  await create.open()
  await create.dialog.getByRole('region', { name: 'Here, ready to use' }).getByRole('radio').first().check()
  await create.step('Name and login')
  await create.field('Name').fill(name)
  await create.field('User').fill('ada')
  await create.field('Other public keys').fill(await readFile(`${key}.pub`, 'utf8'))
  await create.step('Resources')
  await create.field('Processors').fill('1')
  await create.field('Memory').fill('768M')
  await create.choose('Runs by', 'Emulation')
  await create.step('Disks')
  await create.choose('Storage pool', name)
  await create.step('Options')
  await create.choose('Firmware', 'UEFI$')
  // Host keys of other kinds take an emulated processor long to find.
  await create.field('Your own user-data').fill('#cloud-config\nssh_genkeytypes: [ed25519]\n')
  await create.step('Review')
  await expect(create.dialog.getByText('<domain')).toBeVisible()
  await create.button('Create').click()
  await expect(create.dialog, 'the machine is opened').toBeHidden({ timeout: 120_000 })

  const { region } = machineDetail(page, name)
  const first = region.getByRole('region', { name: 'First start' })
  // Said by the serial line, before anybody inside can be asked.
  await expect(first).toContainText(/Its (?:firmware|boot loader) is at work|Its kernel starts|Its system starts/, {
    timeout: SLOW,
  })
  await expect(first).toContainText(`“${name}” is ready.`, { timeout: SLOW })
  await expect(first.getByRole('listitem').filter({ hasText: 'cloud-init' })).toContainText('NoCloud')
  const line = /ssh ada@(192\.168\.\d+\.\d+)/.exec(await first.innerText())
  const told = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR', 'BatchMode=yes']
  const options = told.flatMap(one => ['-o', one])
  const asked = 'id -un; test -d /sys/firmware/efi && echo by UEFI'
  const said = await run('ssh', ['-i', key, ...options, `ada@${line?.[1] ?? ''}`, asked], { deadline: 60_000 })
  expect(said).toMatch(/^ada\nby UEFI\n$/)

  await machineDetail(page, name).button('Shut down').click()
  await expect(machineList(page).row(name)).toContainText('Off', { timeout: 120_000 })
  await machineDetail(page, name).choose('Delete')
  const dialog = page.getByRole('dialog', { name: `Delete ${name}?` })
  await expect(dialog.getByRole('radio', { name: /^Delete/ }).first()).toBeVisible()
  for (const choice of await dialog.getByRole('radio', { name: /^Delete/ }).all()) await choice.check()
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(machineList(page).row(name)).toBeHidden({ timeout: 60_000 })
  expect((await virsh('list', '--all', '--name')).split('\n')).not.toContain(name)
  expect(await readdir(files)).toEqual([])
})
