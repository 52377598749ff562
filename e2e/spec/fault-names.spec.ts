import type { Page } from '@playwright/test'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { hostileNames, namedNode, type NamedNode } from '../fixture/named-node.ts'
import { expect, test as base } from '../fixture/test.ts'
import { expectPicture, machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const HTML = '<img src=x onerror=document.title=1>'
const TURNED = 'txt.\u202Egnp\u2066exe'

const test = base.extend<{ node: NamedNode; desktop: TestDomain }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  node: async ({}, use) => {
    await using node = await namedNode(hostileNames.map(name => ({ name })))
    await use(node)
  },
  // QEMU names its desktop after the machine.
  // oxlint-disable-next-line no-empty-pattern -- see above
  desktop: async ({}, use) => {
    await using domain = await testDomain({ kind: 'blank', name: `t-faults ${HTML}` })
    await use(domain)
  },
  connections: async ({ node }, use) => use([node.uri, 'qemu:///system']),
})

/** What a name that became markup would leave behind. */
const expectNoMarkup = async (page: Page): Promise<void> => {
  await expect(page.locator('img[src="x"], script:not([src]):not([type])')).toHaveCount(0)
  await expect(page).not.toHaveTitle('1')
}

test('hostile names are text in the list, the detail, the palette and the questions', async ({ page }) => {
  const list = machineList(page)
  for (const name of hostileNames) {
    await list.search(name.trim())
    await expect(list.grid.locator('[dir="auto"]').filter({ hasText: name.trim() }).first()).toBeVisible()
  }
  await list.search('onerror')
  await expect(list.rows).toHaveCount(1)
  await list.open(HTML)
  const { region, choose } = machineDetail(page, HTML)
  await expect(region.getByText(HTML).first()).toBeVisible()
  await choose('Force off')
  const question = page.getByRole('alertdialog')
  await expect(question).toContainText(HTML)
  await expectNoMarkup(page)
  await question.getByRole('button', { name: 'Force off' }).click()
  await expect(list.row(HTML)).toContainText('Off')
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('start img')
  await expect(page.getByRole('option').filter({ hasText: HTML }).first()).toBeVisible()
  await expectNoMarkup(page)
})

test('a name that turns the direction of text turns only itself', async ({ page }) => {
  const list = machineList(page)
  await list.search('txt.')
  const row = list.row(TURNED)
  await expect(row.locator('[dir="auto"]').filter({ hasText: TURNED })).toHaveCSS('unicode-bidi', 'isolate')
  // What follows in the row is where it would be beside any other name.
  const [name, state] = [
    await row.locator('[dir="auto"]').first().boundingBox(),
    await row.getByText('Running').boundingBox(),
  ]
  expect(Math.abs((name?.x ?? 0) - (state?.x ?? 1000))).toBeLessThan(2)
})

test('a long name is cut, not the window', async ({ page }) => {
  await page.setViewportSize({ width: 900, height: 700 })
  const list = machineList(page)
  await list.search('xxxxx')
  await list.open('x'.repeat(200))
  await expect(machineDetail(page, 'x'.repeat(200)).region).toBeVisible()
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(wider).toBeLessThanOrEqual(0)
})

test('the screen of a machine whose desktop has HTML for a name', async ({ desktop, page }) => {
  await machineList(page).open(desktop.name)
  const { region, tab } = machineDetail(page, desktop.name)
  await tab('Screen')
  await expectPicture(region.locator('canvas').first())
  await expectNoMarkup(page)
})
