import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { machineList } from '../page/machine-list.ts'

const node = await testNode({ domains: 2 })
const NOBODY = 'qemu:///system?socket=/nowhere/libvirt-sock'

test.afterAll(async () => {
  await node.dispose()
})

test.describe('where no daemon runs', () => {
  test.use({ connections: [NOBODY] })

  test('a card says so, with a command to copy and the way to try again', async ({ page, axe }) => {
    const card = page.getByRole('article')
    await expect(card).toContainText('The virtualisation service is not running')
    await expect(card).toContainText('nobody answers at /nowhere/libvirt-sock')
    await expect(card).toContainText(/sudo (systemctl enable --now|rc-service|libvirtd)/)
    await expect(card.getByRole('button', { name: 'Try again' })).toBeEnabled()
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await axe()
    }
    await card.getByRole('button', { name: 'Remove' }).click()
    await expect(page.getByText('No connection yet')).toBeVisible()
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(card).toBeVisible()
  })
})

test.describe('where one of two connections cannot be used', () => {
  test.use({ connections: [node.uri, NOBODY] })

  test('a banner says so above the machines of the other; it can be taken away, and back', async ({ page, axe }) => {
    await expect(machineList(page).rows).toHaveCount(2)
    const banner = page.getByRole('alert').filter({ hasText: 'cannot be used' })
    await expect(banner).toContainText('Start libvirtd.')
    await axe()
    await banner.getByRole('button', { name: 'Remove' }).click()
    await expect(banner).toBeHidden()
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect(banner).toBeVisible()
    await expect(machineList(page).rows).toHaveCount(2)
  })
})
