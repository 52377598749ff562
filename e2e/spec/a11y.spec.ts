import type { Page } from '@playwright/test'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { imagesPage } from '../page/images.ts'
import { machineList } from '../page/machine-list.ts'

const node = await testNode({ domains: 12, running: 5 })

test.afterAll(async () => {
  await node.dispose()
})

/** Places of the window, each with how one gets there. */
const PLACES: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  'the list with marks': async page => {
    await machineList(page).row('web-berlin-1').getByRole('checkbox').click()
    await expect(page.getByRole('toolbar')).toBeVisible()
  },
  'the detail beside the list': async page => {
    await machineList(page).open('web-berlin-1')
    await expect(page.getByRole('region', { name: /web-berlin-1/ })).toBeVisible()
    await expect(page.getByRole('tab', { name: 'Overview' })).toBeVisible()
  },
  'the menu of a machine': async page => {
    await machineList(page).row('web-berlin-1').click({ button: 'right' })
    await expect(page.getByRole('menu')).toBeVisible()
  },
  'the palette': async page => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('web')
    await expect(page.getByRole('option').first()).toBeVisible()
  },
  settings: async page => {
    await page.getByRole('button', { name: 'Settings' }).click()
    await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible()
  },
  'the dialog for connections': async page => {
    await page.getByRole('button', { name: 'Add connection' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Connect' }).click()
    await expect(page.getByText('Type an address first.')).toBeVisible()
  },
  'the images, with a menu open': async page => {
    await imagesPage(page).open()
    await imagesPage(page).system('Debian 12').getByRole('button').click()
    await expect(page.getByRole('menu')).toBeVisible()
  },
  'the overview of keys': async page => {
    await machineList(page).grid.focus()
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  },
  'a question': async page => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('force off web')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('alertdialog')).toBeVisible()
  },
}

test.describe('with machines', () => {
  test.use({ connections: [node.uri] })
  for (const [place, go] of Object.entries(PLACES))
    for (const colorScheme of ['light', 'dark'] as const)
      test(`${place} meets WCAG 2.1 AA, ${colorScheme}`, async ({ page, axe }) => {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await expect(machineList(page).rows).toHaveCount(12)
        await go(page)
        await axe()
      })

  test('the mirrored window meets WCAG 2.1 AA', async ({ page, axe }) => {
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').fill('mirrored')
    await page.keyboard.press('Enter')
    await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
    await axe()
  })
})

test.describe('without machines', () => {
  test.use({ connections: ['memory:///nothing?domains=0'] })
  for (const colorScheme of ['light', 'dark'] as const)
    test(`the empty window teaches and meets WCAG 2.1 AA, ${colorScheme}`, async ({ page, axe }) => {
      await page.emulateMedia({ colorScheme })
      await expect(page.getByRole('heading', { name: 'No machines yet' })).toBeVisible()
      await axe()
    })
})
