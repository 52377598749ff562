import { lxdDaemon } from '../fixture/lxd.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect as impatient, test as base } from '../fixture/test.ts'
import { machineDetail, savedOutput, terminalText } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

// LXD unpacks and starts a real container.
const expect = impatient.configure({ timeout: 30_000 })
const node = await testNode({ domains: 3, running: 1 })
base.afterAll(() => node.dispose())

/** The real LXD, of this test alone, beside a pretended libvirt. */
const test = base.extend({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  connections: async ({}, use) => {
    await using lxd = await lxdDaemon()
    await use([lxd.uri, node.uri])
  },
})
test.describe.configure({ timeout: 150_000 })

const NAME = 't-lxd-window'

test('a container is launched, found among all machines, entered, put back to a snapshot', async ({
  page,
  axe,
  allowConsole,
}) => {
  // The name that is none, and who looks inside while the container is started anew.
  allowConsole(/400 \(Bad Request\)|503 \(Service Unavailable\).*guest/)
  const list = machineList(page)
  await expect(list.rows).toHaveCount(3)
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('images, storage, networks')
  await page.keyboard.press('Enter')
  const stock = page.getByRole('dialog', { name: 'What LXD has' })
  await expect(stock.getByRole('rowheader', { name: 'micro' })).toBeVisible()
  await stock.getByRole('tab', { name: 'Storage' }).click()
  await expect(stock.getByRole('row', { name: /^default dir/ })).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('launch a container')
  await page.keyboard.press('Enter')
  const launch = page.getByRole('dialog', { name: 'Launch a container' })
  await launch.getByRole('button', { name: 'micro', exact: true }).click()
  await launch.getByLabel('Name', { exact: true }).fill('-x')
  await launch.getByRole('button', { name: 'Launch', exact: true }).click()
  await expect(launch).toContainText('begins with a letter')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await axe()
  }
  await launch.getByLabel('Name', { exact: true }).fill(NAME)
  await launch.getByLabel('Memory').fill('256MiB')
  await launch.getByRole('button', { name: 'Launch', exact: true }).click()
  await expect(launch).toBeHidden()
  await expect(list.row(NAME)).toContainText('Running')

  const products = page.getByRole('group', { name: 'Run by' })
  await products.getByRole('button', { name: /^LXD/ }).click()
  await expect(list.rows).toHaveCount(1)
  await list.open(NAME)
  const detail = machineDetail(page, NAME)

  await detail.tab('Terminal')
  const terminal = detail.region.getByRole('group', { name: `Terminal of ${NAME}` })
  await terminal.getByRole('textbox').focus()
  await expect(async () => {
    await page.keyboard.type('clear; echo an-$((40+2))-swer $(stty size)\n')
    expect(await terminalText(terminal)).toMatch(/an-42-swer \d{2} \d{2,3}/)
  }).toPass({ timeout: 60_000 })
  await page.keyboard.type('exit 3\n')
  await expect(detail.region.getByText('The session ended.')).toBeVisible()
  await expect(detail.region).toContainText('Exit code 3.')
  await axe('section[aria-label^="Machine"]')
  await detail.button('Connect again').click()
  await expect(detail.region.getByText('The session ended.')).toBeHidden()

  await detail.tab('Console')
  await expect(async () => {
    await detail.region
      .getByRole('group', { name: `Serial console of ${NAME}` })
      .getByRole('textbox')
      .focus()
    await page.keyboard.type('echo con-$((40+2))-sole\n')
    expect(await savedOutput(detail.region)).toContain('con-42-sole')
  }).toPass({ timeout: 60_000 })

  await detail.tab('Overview')
  const snapshots = detail.region.getByRole('region', { name: 'Snapshots' })
  await snapshots.getByRole('button', { name: 'Take…' }).click()
  const take = page.getByRole('dialog', { name: `Take a snapshot of ${NAME}` })
  await take.getByLabel('Name of the snapshot').fill('no/good')
  await take.getByRole('button', { name: 'Take', exact: true }).click()
  await expect(take).toContainText('must not hold')
  await take.getByLabel('Name of the snapshot').fill('before')
  await take.getByRole('button', { name: 'Take', exact: true }).click()
  await expect(snapshots.getByRole('listitem')).toContainText('before')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await axe('section[aria-label^="Machine"]')
  }
  const choose = async (item: string, answer: string) => {
    await snapshots.getByRole('button', { name: 'What can be done with before' }).click()
    await page.getByRole('menuitem', { name: item }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: answer, exact: true }).click()
  }
  await choose('Restore…', 'Restore')
  await expect(page.getByText(`Restore snapshot: ${NAME}`)).toBeVisible()
  await choose('Delete…', 'Delete')
  await expect(snapshots).toContainText('No snapshot')
})
