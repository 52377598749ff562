import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { machineList } from '../page/machine-list.ts'

const node = await testNode({ domains: 3 })
const second = await testNode({ domains: 2, running: 1 })

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
  await second.dispose()
})

test('an added connection brings its machines, a removed one takes them, and comes back on undo', async ({ page }) => {
  const list = machineList(page)
  await expect(list.rows).toHaveCount(3)
  await page.getByRole('button', { name: 'Add connection' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a connection' })
  await dialog.getByRole('textbox', { name: 'Address' }).fill(second.uri)
  await dialog.getByRole('button', { name: 'Connect' }).click()
  await expect(dialog).toBeHidden()
  await expect(list.rows).toHaveCount(5)

  const line = page.getByRole('listitem').filter({ hasText: second.uri })
  await line.hover()
  await line.getByRole('button').click()
  const menu = page.getByRole('menu')
  await expect(menu.getByRole('menuitem', { name: /Try again/ })).toContainText('It is connected.')
  await menu.getByRole('menuitem', { name: 'Remove connection' }).click()
  await expect(list.rows).toHaveCount(3)
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(list.rows).toHaveCount(5)
})

test('what cannot be connected is refused with the reason, and nothing is added', async ({ page, allowConsole }) => {
  // The browser notes every answer that is a refusal.
  allowConsole(/status of (400|503) .*\/connection\/add/)
  await page.getByRole('button', { name: 'Add connection' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a connection' })
  const address = dialog.getByRole('textbox', { name: 'Address' })
  await dialog.getByRole('button', { name: 'Connect' }).click()
  await expect(dialog).toContainText('Type an address first.')
  for (const uri of ['esx://vcenter/', 'no address at all', 'nosuchdriver:///x']) {
    await address.fill(uri)
    await page.keyboard.press('Enter')
    await expect(dialog.getByRole('alert')).not.toBeEmpty()
  }
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('listitem')).toHaveCount(1)
})

test('presets fill the address', async ({ page }) => {
  await page.getByRole('button', { name: 'Add connection' }).click()
  const dialog = page.getByRole('dialog', { name: 'Add a connection' })
  await dialog.getByRole('button', { name: /test:\/\/\/default/ }).click()
  await expect(dialog.getByRole('textbox', { name: 'Address' })).toHaveValue('test:///default')
})
