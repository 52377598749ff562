/** What happens inside a machine, drawn and listed while it happens. */
import type { Page } from '@playwright/test'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { expect, test } from '../fixture/test.ts'
import { coloursOf, machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

test.use({ connections: ['qemu:///system'] })
test.describe.configure({ timeout: 180_000 })
// An emulated guest on a busy computer takes its time for every answer.
const slow = { timeout: 60_000 }

let guest: TestDomain
let blank: TestDomain

test.beforeAll(async () => {
  test.setTimeout(300_000)
  guest = await testDomain({ prefix: 't-telemetry', kind: 'agent' })
  blank = await testDomain({ prefix: 't-telemetry-blank', kind: 'blank' })
  await guest.ready()
})
test.afterAll(async () => {
  await guest.dispose()
  await blank.dispose()
})

const overview = async (page: Page, domain = guest) => {
  await machineList(page).open(domain.name)
  const { region } = machineDetail(page, domain.name)
  const chart = (name: string) => region.getByRole('figure').filter({ hasText: new RegExp(`^${name}`) })
  return { region, chart, moment: region.getByRole('slider', { name: 'Moment' }) }
}

test('the overview draws what the guest tells, and says who told it, in light and dark', async ({ page, axe }) => {
  const { region, chart } = await overview(page)
  await expect(chart('Processor')).toContainText('told by the guest', slow)
  await expect(chart('Memory')).toContainText(/[\d.]+ MiB used/, slow)
  await expect(region.getByText(/^Vireo agent, version/)).toBeVisible(slow)
  await expect(region.getByText('vireo-micro')).toBeVisible(slow)
  await region.getByRole('button', { name: 'Show large' }).click()
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await axe()
    const canvas = chart('Memory').locator('canvas')
    // Scale, grid, line and what lies below it.
    await expect.poll(() => coloursOf(canvas)).toBeGreaterThan(3)
  }
  const summary = region.getByRole('table', { name: 'Summary of the last 15 minutes' })
  await expect(summary.getByRole('row', { name: /^Memory, used [\d.]+ MiB [\d.]+ MiB [\d.]+ MiB/ })).toBeAttached()
})

test('all charts tell of the moment under the pointer or keys, and fit whatever the width', async ({ page }) => {
  const { region, chart, moment } = await overview(page)
  await expect(chart('Processor')).toContainText('told by the guest', slow)
  await expect(moment).toHaveText('Now')
  await chart('Memory')
    .locator('.u-over')
    .hover({ position: { x: 20, y: 20 } })
  await expect(moment).toHaveText(/\d+:\d\d:\d\d/)
  await page.mouse.move(5, 5)
  await expect(moment).toHaveText('Now')
  await moment.focus()
  await page.keyboard.press('ArrowLeft')
  await expect(moment).toHaveAttribute('aria-valuetext', /^\d+:\d\d:\d\d.*Processor/)
  await page.keyboard.press('Escape')
  await expect(moment).toHaveText('Now')

  const canvas = chart('Processor').locator('canvas')
  await expect(canvas).toBeVisible(slow)
  const heights = new Set<number>()
  for (const width of [1280, 860, 640, 1440]) {
    await page.setViewportSize({ width, height: 800 })
    const fits = () =>
      chart('Processor').evaluate(
        figure =>
          (figure.querySelector('canvas')?.getBoundingClientRect().width ?? Infinity) <= figure.clientWidth + 1 &&
          document.documentElement.scrollWidth <= innerWidth,
      )
    await expect.poll(fits).toBe(true)
    heights.add((await canvas.boundingBox())?.height ?? 0)
    expect(await region.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0)
  }
  expect(heights.size).toBe(1)
})

test('without an agent the hypervisor’s figures stand alone, with a way to get one', async ({ page, axe }) => {
  const { region, chart } = await overview(page, blank)
  await expect(region.getByText('The hypervisor’s figures only')).toBeVisible(slow)
  await expect(chart('Processor')).toContainText('told by the hypervisor', slow)
  await axe('section[aria-label^="Machine"]')
  await region.getByRole('button', { name: 'How to get one' }).click()
  await expect(region.getByRole('tab', { name: 'Guest' })).toHaveAttribute('aria-selected', 'true')
  await expect(region.getByText('No agent answers')).toBeVisible(slow)
})

test('the list tells of the guests in the columns that are wanted', async ({ page, axe }) => {
  const list = machineList(page)
  await list.rows.first().waitFor()
  await list.search('t-telemetry')
  // More than what QEMU could know: the guest's own total is below what it was given.
  await expect(list.row(guest.name).getByTitle('Told by the guest')).toContainText(/ \/ [\d.]+ MiB/, slow)
  const head = (name: string) => page.getByRole('columnheader', { name })
  const choose = async (name: string) => {
    await page.getByRole('button', { name: 'Columns' }).focus()
    await page.keyboard.press('Enter')
    const item = page.getByRole('menuitem', { name })
    await expect(item).toBeVisible()
    if (name === 'Disk') await axe()
    await item.click()
  }
  await choose('Disk')
  await expect(head('Disk')).toBeHidden()
  await page.reload()
  await expect(head('Memory')).toBeVisible()
  await expect(head('Disk')).toBeHidden()
  await choose('Show all columns')
  await expect(head('Disk')).toBeVisible()
})

test.describe('mirrored', () => {
  test.use({ locale: 'en-XB' })

  test('time runs to the right, the words to the left, and it fits', async ({ page, axe }) => {
    await page.locator('[role=row][data-id]').filter({ hasText: guest.name }).click()
    const region = page.getByRole('region').filter({ has: page.getByRole('tablist') })
    const plot = region.locator('.u-over').first()
    await expect(plot).toBeVisible(slow)
    // The scale stands where reading begins.
    const [inner, outer] = [await plot.boundingBox(), await region.getByRole('figure').first().boundingBox()]
    if (!inner || !outer) throw new Error('the chart has no place')
    expect(outer.x + outer.width - (inner.x + inner.width)).toBeGreaterThan(inner.x - outer.x)
    expect(await region.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0)
    await axe()
  })
})
