import type { Page } from '@playwright/test'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { imagesPage } from '../page/images.ts'
import { machineList } from '../page/machine-list.ts'

const node = await testNode({ domains: 12, running: 5 })

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

const mirror = async (page: Page): Promise<void> => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('mirrored')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
}

const left = async (page: Page, role: 'complementary' | 'main'): Promise<number> =>
  (await page.getByRole(role).boundingBox())?.x ?? Number.NaN

test('in a right-to-left language the window is mirrored and all its text is translated', async ({ page }) => {
  await expect(machineList(page).rows).toHaveCount(12)
  expect(await left(page, 'complementary')).toBeLessThan(await left(page, 'main'))
  await mirror(page)
  await expect.poll(() => left(page, 'complementary')).toBeGreaterThan(await left(page, 'main'))
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('⟦Máçhîñéš⟧')
  // The figures and names of machines stay; every other word carries the marks of a translated one.
  await expect(page.getByRole('columnheader').nth(1)).toContainText('⟦')
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
})

for (const width of [400, 640, 860, 1024, 1440, 2200])
  test(`nothing is cut off or scrolls sideways at ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 700 })
    const list = machineList(page)
    await expect(list.row('web-berlin-1')).toBeVisible()
    const overflow = () =>
      page.evaluate(() => {
        const grid = document.querySelector('[role=grid]')
        const root = document.documentElement
        return [root.scrollWidth - root.clientWidth, grid ? grid.scrollWidth - grid.clientWidth : 0]
      })
    expect(await overflow()).toEqual([0, 0])
    await list.open('web-berlin-1')
    await expect(page.getByRole('region', { name: /web-berlin-1/ })).toBeVisible()
    expect(await overflow()).toEqual([0, 0])

    await page.evaluate(() => void (location.hash = '#/images'))
    await expect(imagesPage(page).system('Debian 12')).toBeVisible()
    const wide = await page.getByRole('main').evaluate(main => {
      const scrolls = ({ overflowX }: CSSStyleDeclaration): boolean => overflowX === 'auto' || overflowX === 'scroll'
      return [main, ...main.querySelectorAll('*')]
        .filter(one => scrolls(getComputedStyle(one)) && one.scrollWidth > one.clientWidth)
        .map(one => one.outerHTML.slice(0, 120))
    })
    expect([await overflow(), wide]).toEqual([[0, 0], []])
  })

test('in a narrow window the detail takes the place of the list and gives it back', async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 700 })
  const list = machineList(page)
  await list.open('web-berlin-1')
  await expect(list.grid).toBeHidden()
  await page.getByRole('link', { name: 'Machines' }).click()
  await expect(list.grid).toBeVisible()
})

test('the detail is made wider with the keyboard, and keeps its width', async ({ page }) => {
  await machineList(page).open('web-berlin-1')
  const grip = page.getByRole('separator', { name: 'Width of the detail panel' })
  const before = Number(await grip.getAttribute('aria-valuenow'))
  await grip.focus()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(async () => Number(await grip.getAttribute('aria-valuenow'))).toBeGreaterThan(before)
  const after = await grip.getAttribute('aria-valuenow')
  await page.reload()
  await expect(grip).toHaveAttribute('aria-valuenow', after ?? '')
})

test('who asked for no motion sees none', async ({ page }) => {
  const durations = () =>
    page.evaluate(() => {
      const style = getComputedStyle(document.documentElement)
      return ['--quick', '--calm', '--turn'].map(name => Number.parseFloat(style.getPropertyValue(name)))
    })
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  expect(Math.min(...(await durations()))).toBeGreaterThan(0)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await durations()).toEqual([0, 0, 0])
})
