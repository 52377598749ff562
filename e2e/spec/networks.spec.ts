import { privateDaemon } from '../fixture/private-daemon.ts'
import { expect, test as base } from '../fixture/test.ts'
import { networksPage } from '../page/networks.ts'

/** libvirt's own pretended computer, one for each test: one network, and a machine on it. */
const test = base.extend({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  connections: async ({}, use) => {
    await using daemon = await privateDaemon()
    await use([daemon.testUri])
  },
})

test('what is wrong with a new network is told while one types; it is made, stopped and removed', async ({
  page,
  axe,
}) => {
  const networks = networksPage(page)
  await networks.open()
  await expect(page).toHaveURL(/#\/networks$/)
  await expect(networks.row('default')).toContainText(/Active.*NAT.*192\.168\.122\.1\/24.*virbr0.*test/)

  await page.getByRole('button', { name: 'New network' }).click()
  const create = networks.dialog.getByRole('button', { name: 'Create' })
  await expect(networks.field('Subnet'), 'a free one is proposed').toHaveValue(/^\d+\.\d+\.\d+\.0\/24$/)
  await expect(networks.dialog).toContainText(/is this computer, machines get/)
  await expect(networks.dialog.getByText('A name has at most'), 'nobody was in the field yet').toBeHidden()
  await networks.field('Name').fill('default')
  await expect(networks.dialog).toContainText('There is a network “default” already')
  await networks.field('Subnet').fill('192.168.122.128/25')
  await expect(networks.dialog).toContainText('overlaps 192.168.122.0/24 of the network “default”')
  await expect(create).toHaveAttribute('aria-disabled', 'true')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await axe()
  }
  await networks.field('Name').fill('lab')
  await networks.field('Subnet').fill('10.99.1.0/24')
  await networks.dialog.getByText('Start with the computer').click()
  await create.click()
  await expect(networks.dialog).toBeHidden()
  await expect(networks.row('lab')).toContainText(/Active.*NAT.*10\.99\.1\.1\/24/)

  await networks.choose('lab', 'Stop')
  await expect(networks.row('lab')).toContainText('Stopped')
  await networks.choose('lab', 'Start with the computer')
  await expect(networks.row('lab')).toContainText('starts with the computer')
  await networks.choose('lab', 'Delete')
  await expect(networks.dialog).toContainText('No machine uses it.')
  await networks.dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(networks.row('lab')).toBeHidden()
  await expect(networks.row('default')).toBeVisible()
})

test('a network tells what it gives out and who is on it, and is not taken away from under a machine unasked', async ({
  page,
  axe,
}) => {
  const networks = networksPage(page)
  await networks.open()
  await page.getByRole('button', { name: 'default', exact: true }).click()
  await expect(networks.dialog).toContainText('192.168.122.2 to 192.168.122.254')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await axe()
  }
  await page.keyboard.press('Escape')

  await networks.choose('default', 'Delete')
  await expect(networks.dialog).toContainText('1 machine is plugged into it')
  await expect(networks.dialog.getByRole('listitem')).toHaveText('testrunning')
  const remove = networks.dialog.getByRole('button', { name: 'Delete', exact: true })
  await expect(remove).toHaveAttribute('aria-disabled', 'true')
  await networks.dialog.getByText('Delete it all the same').click()
  await expect(remove).not.toHaveAttribute('aria-disabled')
  await remove.click()
  await expect(networks.row('default')).toBeHidden()
})
