import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { machineList } from '../page/machine-list.ts'

const node = await testNode({ domains: 1000, running: 300 })

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

test('of a thousand machines all are counted and few are drawn', async ({ page }) => {
  const list = machineList(page)
  await expect(page.getByRole('button', { name: 'All 1,000' })).toBeVisible()
  await expect(list.grid).toHaveAttribute('aria-rowcount', '1001')
  expect(await list.rows.count()).toBeLessThan(60)
})

test('the last of a thousand is one key away, and each is found', async ({ page }) => {
  const list = machineList(page)
  await list.grid.focus()
  await page.keyboard.press('End')
  await expect(list.rows.last()).toHaveAttribute('aria-rowindex', '1001')
  await expect(list.rows.last()).toBeInViewport()
  const last = node.names.at(-1) ?? ''
  await list.search(last)
  await expect(list.row(last)).toBeVisible()
})

test('marks hold for machines that are not drawn', async ({ page }) => {
  const list = machineList(page)
  await list.grid.focus()
  await page.keyboard.press('Control+a')
  await expect(page.getByText('1000 marked')).toBeVisible()
  await page.keyboard.press('End')
  await expect(list.rows.last().getByRole('checkbox')).toBeChecked()
})
