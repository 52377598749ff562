import { machineList } from '../page/machine-list.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'

const node = await testNode({ domains: 12, running: 5 })

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

test('the window shows every machine of the host with its state', async ({ page }) => {
  const list = machineList(page)
  await expect(list.rows).toHaveCount(12)
  await expect(list.row('web-berlin-1')).toContainText('Running')
  await expect(list.row('ldap-berlin-1')).not.toContainText('Running')
})

test('the list meets WCAG 2.1 AA, light and dark', async ({ page, axe }) => {
  await expect(machineList(page).rows).toHaveCount(12)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await axe()
  }
})

test('a wrong token opens nothing', async ({ server, request }) => {
  const wrong = await request.get(`${server.origin}/?token=${'a'.repeat(43)}`)
  expect(wrong.status()).toBe(401)
  expect(await wrong.text()).not.toContain('id="root"')
})
