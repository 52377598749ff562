import { machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect, inElectron, test } from '../fixture/test.ts'

const node = await testNode({ domains: 3, running: 1 })
const NAME = 'web-berlin-1'

test.use({ connections: [node.uri] })

test.beforeEach(async ({ page }) => {
  await machineList(page).open(NAME)
  await machineDetail(page, NAME).tab('XML')
})

test.afterAll(async () => {
  await node.dispose()
})

test('the XML is shown with numbers and colours', async ({ page, axe }) => {
  const document = page.getByRole('region', { name: `XML of ${NAME}` })
  await expect(document).toContainText(`<name>${NAME}</name>`)
  await axe('section[aria-label^="Machine"]')
})

test('Ctrl+F searches, Enter goes on and round, and what is not there is said', async ({ page }) => {
  const document = page.getByRole('region', { name: `XML of ${NAME}` })
  await document.click()
  await page.keyboard.press('Control+f')
  const { region } = machineDetail(page, NAME)
  const search = region.getByRole('searchbox', { name: 'Find' })
  await expect(search).toBeFocused()
  await search.fill('NAME>')
  const status = region.getByRole('search').getByRole('status')
  await expect(status).toHaveText('1 of 2')
  await search.press('Enter')
  await expect(status).toHaveText('2 of 2')
  await search.press('Enter')
  await expect(status).toHaveText('1 of 2')
  await search.press('Shift+Enter')
  await expect(status).toHaveText('2 of 2')
  await search.fill('no such thing [')
  await expect(status).toHaveText('No match')
})

test('the whole document is copied', async ({ page, context }) => {
  if (!inElectron) await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await machineDetail(page, NAME).button('Copy all').click()
  await expect(page.getByText('The XML was copied.')).toBeVisible()
  const copied = await page.evaluate(() => navigator.clipboard.readText())
  expect(copied).toContain(`<name>${NAME}</name>`)
  expect(copied.trimEnd()).toMatch(/<\/domain>$/)
})
