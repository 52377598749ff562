import type { Page } from '@playwright/test'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { expect, test } from '../fixture/test.ts'
import { machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

test.use({ connections: ['qemu:///system'] })
test.describe.configure({ timeout: 180_000 })
// An emulated guest on a busy computer takes its time for every answer.
const slow = { timeout: 60_000 }

let guest: TestDomain
let blank: TestDomain

test.beforeAll(async () => {
  guest = await testDomain({ prefix: 't-guest', vcpus: 2 })
  blank = await testDomain({ prefix: 't-guest-blank', kind: 'blank', start: false })
  await guest.ready()
})
test.afterAll(async () => {
  await guest.dispose()
  await blank.dispose()
})

const openTab = async (page: Page, tab: 'Guest' | 'Commands', domain = guest) => {
  await machineList(page).open(domain.name)
  const detail = machineDetail(page, domain.name)
  await detail.tab(tab)
  // The overview tells of the guest too, and stays where it was, hidden.
  return { region: detail.region.getByRole('tabpanel', { name: tab, exact: true }) }
}

test('shows who answers, what it cannot do, and the processes inside', async ({ page, axe }) => {
  const { region } = await openTab(page, 'Guest')
  await expect(region.getByText('qemu-guest-agent')).toBeVisible(slow)
  const table = region.getByRole('table', { name: 'Processes' })
  await expect(table.getByRole('rowheader', { name: 'qemu-ga', exact: true }).first()).toBeVisible(slow)
  await region.getByRole('searchbox', { name: 'Filter Processes' }).fill('no such process')
  await expect(region.getByText('Nothing matches.')).toBeVisible()
  await axe()
  await region.getByRole('button', { name: /limits?$/ }).click()
  await expect(page.getByRole('dialog')).toContainText('Control services')
  await page.keyboard.press('Escape')

  // Its system lies in memory.
  await region.getByRole('tab', { name: 'Filesystems' }).click()
  await expect(region.getByText('The guest tells of no filesystem.')).toBeVisible(slow)

  await region.getByRole('tab', { name: 'Processors' }).click()
  const second = region.getByRole('switch', { name: 'Processor 1' })
  await expect(second).toBeChecked(slow)
  await expect(region.getByRole('switch', { name: 'Processor 0' })).toBeDisabled()
  await axe()
  await second.press('Space')
  await expect(region.getByText('The guest uses 1 of 2.')).toBeVisible(slow)
  await expect(second).not.toBeChecked()
})

test('ends a process that is no longer wanted, after asking', async ({ page }) => {
  await guest.spawnInGuest('/bin/busybox', 'sleep', '4711')
  const { region } = await openTab(page, 'Guest')
  await region.getByRole('searchbox', { name: 'Filter Processes' }).fill('4711', slow)
  const row = region.getByRole('row').filter({ hasText: 'sleep 4711' })
  await expect(row).toHaveCount(1, slow)
  await row.getByRole('button', { name: 'Actions for busybox' }).click()
  await page.getByRole('menuitem', { name: 'Force it to end' }).click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Force it to end' }).click()
  await expect(row).toHaveCount(0, slow)
})

test('runs commands: output, errors and exit codes, in light and dark', async ({ page, axe }) => {
  const { region } = await openTab(page, 'Commands')
  const line = region.getByRole('textbox', { name: 'Command' })
  const log = region.getByRole('log')
  await line.fill('echo "<b>out</b>"; echo err >&2; exit 3')
  await line.press('Enter')
  await expect(log).toContainText('exit code 3', slow)
  await expect(log).toContainText('<b>out</b>')
  await expect(log).toContainText('err')
  await line.press('ArrowUp')
  await expect(line).toHaveValue('echo "<b>out</b>"; echo err >&2; exit 3')
  // Over the serial line, where a shell is open; what is long shows its end.
  await region.getByRole('button', { name: 'Way in' }).click()
  await page.getByRole('option', { name: 'Serial line' }).click()
  await line.fill('seq 1 300')
  await line.press('Enter')
  await expect(log).toContainText('by the serial line', slow)
  const output = region.getByRole('group', { name: 'Output of seq 1 300' })
  await expect(output).toContainText('300')
  await expect.poll(() => output.evaluate(box => box.scrollHeight - box.clientHeight - box.scrollTop)).toBeLessThan(2)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await axe()
  }
})

test('a command that is cancelled runs no longer in the guest', async ({ page }) => {
  const { region } = await openTab(page, 'Commands')
  const line = region.getByRole('textbox', { name: 'Command' })
  await line.fill('sleep 815')
  await line.press('Enter')
  await region.getByRole('button', { name: 'Cancel' }).click()
  await expect(region.getByRole('log')).toContainText('cancelled')
  await expect(async () => {
    await line.fill('pgrep -f "sleep 81[5]" || echo none left')
    await line.press('Enter')
    await expect(region.getByRole('article').last()).toContainText('none left', { timeout: 20_000 })
  }).toPass(slow)
})

test('a machine that is off has no inside', async ({ page }) => {
  const { region } = await openTab(page, 'Guest', blank)
  await expect(region.getByText('The machine is off', { exact: true })).toBeVisible()
})

test('a machine without an agent says what is missing', async ({ page }) => {
  await blank.start()
  const { region } = await openTab(page, 'Guest', blank)
  await expect(region.getByText('No agent answers')).toBeVisible(slow)
  await expect(region.getByText(/^Nobody in the guest listens/).first()).toBeVisible()
})
