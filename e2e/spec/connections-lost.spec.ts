import { privateDaemon, type PrivateDaemon } from '../fixture/private-daemon.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect, test as base } from '../fixture/test.ts'
import { machineList } from '../page/machine-list.ts'

// In a fixture, because Playwright loads a spec in processes that run no test too: a daemon begun there would stay.
const test = base.extend<{ daemon: PrivateDaemon }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  daemon: async ({}, use) => {
    await using daemon = await privateDaemon()
    await use(daemon)
  },
  connections: async ({ daemon }, use) => {
    await using node = await testNode({ domains: 4, running: 4 })
    await use([daemon.nodeUri(node.path)])
  },
})

test('a daemon that dies leaves the last known list, greyed, and comes back without a reload', async ({
  page,
  daemon,
}) => {
  const list = machineList(page)
  await expect(list.rows).toHaveCount(4)
  await page.evaluate(() => document.body.setAttribute('data-same-page', ''))
  await daemon.kill9()
  const banner = page.getByRole('status').filter({ hasText: 'connection lost' })
  await expect(banner).toBeVisible()
  await expect(list.rows).toHaveCount(4)
  await expect(list.row('web-berlin-1')).toContainText('Last known: Running')
  await list.row('web-berlin-1').click({ button: 'right' })
  await expect(page.getByRole('menuitem', { name: /^Force off/ })).toContainText(/The connection to .+ is lost\./)
  await page.keyboard.press('Escape')

  await daemon.restart()
  await expect(banner).toBeHidden()
  await expect(list.row('web-berlin-1')).not.toContainText('Last known')
  await expect(list.rows).toHaveCount(4)
  await expect(page.locator('body[data-same-page]')).toBeVisible()
})
