import type { Page } from '@playwright/test'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { machineList } from '../page/machine-list.ts'

const node = await testNode({ domains: 60, running: 5 })

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

/** The row that the keyboard is on, as assistive technology is told. */
const active = async (page: Page): Promise<string> => {
  const id = await machineList(page).grid.getAttribute('aria-activedescendant')
  return id === null ? '' : page.locator(`[id="${id}"]`).innerText()
}

test('arrows, ends and pages move, and the row stays in sight', async ({ page }) => {
  const list = machineList(page)
  await expect(list.grid).toBeVisible()
  await list.grid.focus()
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => active(page)).toContain('build-berlin-1')
  await page.keyboard.press('ArrowDown')
  await expect.poll(() => active(page)).toContain('build-lab-1')
  await page.keyboard.press('End')
  await expect.poll(() => active(page)).toContain('worker-staging-1')
  await expect(list.row('worker-staging-1')).toBeInViewport()
  await page.keyboard.press('PageUp')
  await expect.poll(() => active(page)).not.toContain('worker-staging-1')
  await page.keyboard.press('Home')
  await expect.poll(() => active(page)).toContain('build-berlin-1')
  await expect(list.row('build-berlin-1')).toBeInViewport()
})

test('typed letters find a name', async ({ page }) => {
  const list = machineList(page)
  await list.grid.focus()
  await page.keyboard.type('mon')
  await expect.poll(() => active(page)).toContain('monitor-berlin-1')
})

test('space marks, shift marks on the way, Ctrl+A marks all, Escape lets go', async ({ page }) => {
  const list = machineList(page)
  await list.grid.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await expect(page.getByText('1 marked')).toBeVisible()
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await expect(page.getByText('3 marked')).toBeVisible()
  await page.keyboard.press('Control+a')
  await expect(page.getByText('60 marked')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('toolbar')).toBeHidden()
})

test('a machine is started without a mouse, through its menu', async ({ page }) => {
  const list = machineList(page)
  await list.grid.focus()
  await page.keyboard.type('worker')
  await page.keyboard.press('Shift+F10')
  await expect(page.getByRole('menu')).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('menu')).toBeHidden()
  await expect(list.row('worker-berlin-1')).toContainText('Running')
})

test('slash goes to the search, the question mark explains the keys, Escape leads back', async ({ page }) => {
  await expect(machineList(page).grid).toBeVisible()
  await page.keyboard.press('/')
  const search = page.getByRole('searchbox', { name: 'Search machines' })
  await expect(search).toBeFocused()
  await page.keyboard.type('web?')
  await expect(search).toHaveValue('web?')
  await page.keyboard.press('Escape')
  await expect(search).toHaveValue('')
  await machineList(page).grid.focus()
  await page.keyboard.press('?')
  const help = page.getByRole('dialog', { name: 'Keyboard' })
  await expect(help).toContainText('Open the machine in full')
  await page.keyboard.press('Escape')
  await expect(help).toBeHidden()
})

test('every control of the window is reached with Tab', async ({ page }) => {
  await expect(machineList(page).grid).toBeVisible()
  const reached = new Set<string>()
  for (let step = 0; step < 30; step++) {
    await page.keyboard.press('Tab')
    reached.add(
      await page.evaluate(() => {
        const element = document.activeElement
        return element?.getAttribute('aria-label') ?? element?.textContent ?? ''
      }),
    )
  }
  for (const name of ['Search or run…', 'Add connection', 'Settings', 'Search machines', 'Virtual machines', 'Memory'])
    expect(
      [...reached].some(each => each.includes(name)),
      `${name} among ${[...reached].join(', ')}`,
    ).toBe(true)
})
