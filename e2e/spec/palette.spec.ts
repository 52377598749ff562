import type { Page } from '@playwright/test'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { machineList } from '../page/machine-list.ts'

const node = await testNode({ domains: 12, running: 5 })

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

const open = async (page: Page) => {
  await expect(machineList(page).rows).toHaveCount(12)
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Search or run' })
  const query = palette.getByRole('combobox')
  await expect(query).toBeFocused()
  return { palette, query, options: palette.getByRole('option') }
}

test('an action is found by a few letters and run with Enter', async ({ page }) => {
  const { palette, query } = await open(page)
  await query.fill('start worker')
  const chosen = palette.getByRole('option', { selected: true })
  await expect(chosen).toHaveText('Start worker-berlin-1')
  await expect(query).toHaveAttribute('aria-activedescendant', (await chosen.getAttribute('id')) ?? '')
  await page.keyboard.press('Enter')
  await expect(palette).toBeHidden()
  await expect(machineList(page).row('worker-berlin-1')).toContainText('Running')
})

test('only what the state of a machine allows is offered', async ({ page }) => {
  const { query, options } = await open(page)
  await query.fill('worker')
  await expect(options.filter({ hasText: 'Start worker-berlin-1' })).toBeVisible()
  await expect(options.filter({ hasText: 'Pause' })).toHaveCount(0)
})

test('a question stands before what destroys', async ({ page }) => {
  const { query } = await open(page)
  await query.fill('force off web')
  await page.keyboard.press('Enter')
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText('Force web-berlin-1 off?')
  await page.keyboard.press('Escape')
  await expect(machineList(page).row('web-berlin-1')).toContainText('Running')
})

test('a machine is opened, and what was run last is offered first', async ({ page }) => {
  const { query, options } = await open(page)
  await query.fill('ldap-berlin')
  await expect(options.first()).toContainText('ldap-berlin-1')
  await options.first().click()
  await expect(page.getByRole('region', { name: /ldap-berlin-1/ })).toBeVisible()
  await page.keyboard.press('Control+k')
  await expect(options.first()).toContainText('ldap-berlin-1')
})

test('Escape closes it and gives the focus back; its own key closes it too', async ({ page }) => {
  await machineList(page).grid.focus()
  const { palette } = await open(page)
  await page.keyboard.press('Escape')
  await expect(palette).toBeHidden()
  await expect(machineList(page).grid).toBeFocused()
  await page.keyboard.press('Control+k')
  await expect(palette).toBeVisible()
  await page.keyboard.press('Control+k')
  await expect(palette).toBeHidden()
})

test('the appearance changes from the palette and stays after a reload', async ({ page }) => {
  const { query } = await open(page)
  await query.fill('appearance dark')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
})

test('nonsense finds nothing, and Enter then does nothing', async ({ page }) => {
  const { palette, query, options } = await open(page)
  await query.fill('zzqqxx')
  await expect(options).toHaveCount(0)
  await expect(palette).toContainText('Nothing found')
  await page.keyboard.press('Enter')
  await expect(palette).toBeVisible()
})
