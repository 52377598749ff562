/** At 200 % a window of 1280 x 800 has 640 x 400 of its pixels left: nothing is cut off, and nothing scrolls sideways. */
import type { Locator, Page } from '@playwright/test'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { imagesPage } from '../page/images.ts'
import { machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const node = await testNode({ domains: 12, running: 5 })

test.use({ connections: [node.uri], viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 })

test.afterAll(async () => {
  await node.dispose()
})

/** Whatever is wider than its place, and can be neither scrolled nor is cut with an ellipsis. */
const tooWide = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const cut = (element: Element): boolean => {
      const style = getComputedStyle(element)
      // There for who listens, not for who looks.
      if (style.clipPath !== 'none') return false
      if (element.scrollWidth <= element.clientWidth + 1 || element.clientWidth <= 1) return false
      return style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && style.display !== 'inline'
    }
    const root = document.documentElement
    const sideways = root.scrollWidth > root.clientWidth ? ['the window itself'] : []
    const shown = [...document.querySelectorAll('body *')].filter(element => element.checkVisibility())
    return [...sideways, ...shown.filter(cut).map(element => element.outerHTML.slice(0, 120))]
  })

/** Every control of this part lies inside the window, or inside something of it that scrolls down. */
const outside = (part: Locator): Promise<string[]> =>
  part.locator('button, input, [role=tab]').evaluateAll(controls =>
    controls
      .filter(control => control.checkVisibility() && control.getBoundingClientRect().width > 1)
      .filter(control => {
        control.scrollIntoView({ block: 'nearest', inline: 'nearest' })
        const { left, right, top, bottom } = control.getBoundingClientRect()
        // A picture may be higher than the window.
        return left < -1 || right > innerWidth + 1 || bottom < 1 || top > innerHeight - 1
      })
      .map(control => control.outerHTML.slice(0, 120)),
  )

const fits = async (page: Page): Promise<void> => {
  await expect.poll(() => tooWide(page)).toEqual([])
  expect(await outside(page.locator('body'))).toEqual([])
}

test('every control that Tab reaches is seen', async ({ page }) => {
  await machineList(page).open('web-berlin-1')
  await expect(machineDetail(page, 'web-berlin-1').region.getByRole('switch')).toBeAttached()
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press('Tab')
    const place = await page.evaluate(() => {
      const { top, bottom } = (document.activeElement ?? document.body).getBoundingClientRect()
      const name = document.activeElement?.outerHTML.slice(0, 120)
      return { name, top, bottom, window: document.documentElement.scrollTop }
    })
    expect(place.window, `scrolled away at ${place.name}`).toBe(0)
    expect(place.bottom, place.name).toBeGreaterThan(0)
    expect(place.top, place.name).toBeLessThan(400)
  }
})

test('the list, with marks, filters and nothing found', async ({ page }) => {
  const list = machineList(page)
  await expect(list.row('build-berlin-1')).toBeVisible()
  await fits(page)
  await list.grid.focus()
  await page.keyboard.press('Control+a')
  await expect(page.getByText('12 marked')).toBeVisible()
  await fits(page)
  await page.keyboard.press('Escape')
  await list.search('no such machine')
  await expect(page.getByRole('button', { name: 'Show all' })).toBeVisible()
  await fits(page)
})

for (const tab of ['Overview', 'Screen', 'Serial', 'Guest', 'Commands', 'XML'] as const)
  test(`a machine: ${tab}`, async ({ page }) => {
    await machineList(page).open('web-berlin-1')
    const detail = machineDetail(page, 'web-berlin-1')
    await detail.tab(tab)
    await expect(detail.region.getByRole('tabpanel')).toBeVisible()
    // A document may be wider than its window: its lines scroll.
    if (tab === 'XML') expect(await outside(page.locator('body'))).toEqual([])
    else await fits(page)
  })

test('the images', async ({ page }) => {
  const images = imagesPage(page)
  await page.evaluate(() => void (location.hash = '#/images'))
  await expect(images.system('Debian 12')).toBeVisible()
  await fits(page)
  for (const name of ['Add image', 'Clean up']) {
    await page.getByRole('button', { name }).click()
    await expect(images.dialog.getByRole('button').last()).toBeVisible()
    expect(await outside(images.dialog)).toEqual([])
    await page.keyboard.press('Escape')
  }
})

const DIALOGS: Readonly<Record<string, string>> = {
  settings: 'Control+,',
  keyboard: '?',
  palette: 'Control+k',
}

for (const [name, key] of Object.entries(DIALOGS))
  test(`a dialog: ${name}`, async ({ page }) => {
    await machineList(page).grid.focus()
    await page.keyboard.press(key)
    const dialog = page.getByRole('dialog')
    await expect(dialog).toBeVisible()
    const box = await dialog.boundingBox()
    expect(box?.y ?? -1).toBeGreaterThanOrEqual(0)
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(400)
    expect(await outside(dialog)).toEqual([])
  })
