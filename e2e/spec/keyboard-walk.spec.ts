/** What a person does who has only a keyboard: no step of these tests uses a pointer or moves the focus by itself. */
import type { Locator, Page } from '@playwright/test'
import { testDomain } from '../fixture/domain.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { machineDetail, terminalText } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const press = async (page: Page, ...keys: string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key)
}

/** Walks on with Tab until this has the focus; fails when it is not on the way. */
const tabTo = async (page: Page, wanted: Locator): Promise<void> => {
  await expect(wanted).toBeVisible()
  for (let step = 0; step < 60; step++) {
    if (await wanted.evaluate(element => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  await expect(wanted).toBeFocused()
}

/** Opens the only machine that the search finds. */
const openFound = async (page: Page, name: string): Promise<void> => {
  await expect(machineList(page).grid).toBeVisible()
  await press(page, '/')
  await page.keyboard.insertText(name)
  await expect(machineList(page).rows).toHaveCount(1)
  await press(page, 'ArrowDown', 'Enter')
  await expect(machineDetail(page, name).region).toBeFocused()
}

test.describe('the list', () => {
  test.use({
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
    connections: async ({}, use) => {
      await using node = await testNode({ domains: 12, running: 5 })
      await use([node.uri])
    },
  })

  test('search, filter, sort, mark, start and stop together', async ({ page }) => {
    const list = machineList(page)
    await expect(list.rows).toHaveCount(12)
    await press(page, '/')
    await page.keyboard.type('w')
    await press(page, 'ArrowDown')
    await expect(list.grid).toBeFocused()
    await press(page, '/', 'Escape')
    await expect(list.rows).toHaveCount(12)

    const off = page.getByRole('button', { name: /^Off/ })
    await tabTo(page, off)
    await press(page, 'Enter')
    await expect(list.rows).toHaveCount(7)
    const name = list.grid.getByRole('columnheader', { name: 'Name' })
    await tabTo(page, name.getByRole('button'))
    await press(page, 'Enter')
    await expect(name).toHaveAttribute('aria-sort', 'descending')
    await expect(list.rows.first()).toContainText('worker-berlin-1')

    await press(page, 'Shift+Tab', 'Shift+Tab')
    await expect(list.grid).toBeFocused()
    await press(page, 'ArrowDown', 'Space', 'Shift+ArrowDown')
    await expect(page.getByText('2 marked')).toBeVisible()
    await tabTo(page, page.getByRole('toolbar').getByRole('button', { name: 'Start' }))
    await press(page, 'Enter')
    await expect(list.rows).toHaveCount(5)
    await tabTo(page, page.getByRole('toolbar').getByRole('button', { name: 'Force off' }))
    await press(page, 'Enter')
    const question = page.getByRole('alertdialog')
    await expect(question).toBeVisible()
    await tabTo(page, question.getByRole('button', { name: 'Force off' }))
    await press(page, 'Enter')
    await expect(list.rows).toHaveCount(7)
  })

  test('a connection is added, looked at, removed and brought back', async ({ page, allowConsole }) => {
    allowConsole(/400 \(Bad Request\).*connection\/add/)
    const connections = page.getByRole('listitem')
    await expect(connections).toHaveCount(1)
    await tabTo(page, page.getByRole('button', { name: 'Add connection' }))
    await press(page, 'Enter')
    const dialog = page.getByRole('dialog')
    await expect(dialog.getByRole('textbox', { name: 'Address' })).toBeFocused()
    await page.keyboard.type('nonsense')
    await press(page, 'Enter')
    await expect(dialog.getByRole('alert')).toBeVisible()
    await press(page, 'Control+a')
    await page.keyboard.type('test:///default')
    await press(page, 'Enter')
    await expect(dialog).toBeHidden()
    await expect(connections).toHaveCount(2)
    await expect(machineList(page).row('test')).toBeVisible()

    const menu = page.getByRole('button', { name: 'Actions for Test driver' })
    await tabTo(page, menu)
    await press(page, 'Enter')
    await expect(page.getByRole('menu')).toBeVisible()
    await press(page, 'End', 'Enter')
    await expect(connections).toHaveCount(1)
    await tabTo(page, page.getByRole('button', { name: 'Undo' }))
    await press(page, 'Enter')
    await expect(connections).toHaveCount(2)
  })

  test('a machine is opened, its tabs are walked, and Escape leads back to its row', async ({ page }) => {
    await openFound(page, 'web-berlin-1')
    const { region } = machineDetail(page, 'web-berlin-1')
    await tabTo(page, region.getByRole('tab', { name: 'Overview' }))
    for (const [key, tab] of [
      ['ArrowRight', 'Screen'],
      ['ArrowRight', 'Serial'],
      ['End', 'XML'],
    ] as const) {
      await press(page, key)
      await expect(region.getByRole('tab', { name: tab })).toHaveAttribute('aria-selected', 'true')
    }
    await tabTo(page, region.getByRole('searchbox', { name: 'Find' }))
    await page.keyboard.type('memory')
    await press(page, 'Enter')
    await expect(region.getByRole('status').filter({ hasText: 'of' })).toBeVisible()
    // The first clears what was typed, the second leaves.
    await press(page, 'Escape', 'Escape')
    const { grid, row } = machineList(page)
    await expect(grid).toBeFocused()
    await expect(row('web-berlin-1')).toHaveAttribute('id', (await grid.getAttribute('aria-activedescendant')) ?? '')
    await press(page, 'Escape')
    await expect(region).toBeHidden()
    await expect(grid).toBeFocused()
  })

  test('closing the detail gives the list the keyboard back', async ({ page }) => {
    await openFound(page, 'web-berlin-1')
    await tabTo(page, machineDetail(page, 'web-berlin-1').button('Close details'))
    await press(page, 'Enter')
    await expect(machineList(page).grid).toBeFocused()
  })

  test('a setting is changed', async ({ page }) => {
    await expect(machineList(page).grid).toBeVisible()
    await press(page, 'Control+,')
    const dialog = page.getByRole('dialog', { name: 'Settings' })
    await tabTo(page, dialog.getByRole('button', { name: /Appearance/ }))
    await press(page, 'Enter')
    await expect(page.getByRole('listbox')).toBeVisible()
    await press(page, 'End', 'Enter')
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
    await press(page, 'Escape')
    await expect(dialog).toBeHidden()
  })
})

test.describe('the consoles', () => {
  test.use({ connections: ['qemu:///system'] })

  test('the screen and the serial line are entered with Tab and left with the chord', async ({ page }) => {
    await using domain = await testDomain({ prefix: 't-keys' })
    await domain.ready()
    await openFound(page, domain.name)
    const { region } = machineDetail(page, domain.name)
    const chord = async (): Promise<void> => {
      for (const key of ['Control', 'Alt', 'Shift']) await page.keyboard.down(key)
      for (const key of ['Shift', 'Alt', 'Control']) await page.keyboard.up(key)
    }
    await tabTo(page, region.getByRole('tab', { name: 'Overview' }))
    await press(page, 'ArrowRight')
    const screen = region.locator('canvas')
    await tabTo(page, screen)
    await page.keyboard.type('echo shown > /dev/ttyS0\n', { delay: 20 })
    // Every key is the guest's: neither Tab nor the window's own keys lead away.
    await press(page, 'Tab', 'Control+k', 'Escape')
    await expect(screen).toBeFocused()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await chord()
    await expect(screen).not.toBeFocused()

    await press(page, 'Control+k')
    await page.keyboard.type(`serial ${domain.name}`)
    await press(page, 'Enter')
    const line = region.getByRole('group', { name: /serial/i })
    await expect(line.getByRole('textbox')).toBeFocused()
    await page.keyboard.type('echo ty""ped\n')
    await expect.poll(() => terminalText(line)).toMatch(/^typed/m)
    await chord()
    await expect(line.getByRole('textbox')).not.toBeFocused()
    await tabTo(page, line.getByRole('textbox'))
  })
})
