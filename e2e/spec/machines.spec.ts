import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'
import { machineList } from '../page/machine-list.ts'

// web, db, cache, build and mail run; proxy to ldap are off.
const node = await testNode({ domains: 12, running: 5 })

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

test('the search shows what fits while one types, and says when nothing does', async ({ page }) => {
  const list = machineList(page)
  await expect(list.rows).toHaveCount(12)
  await list.search('BERLIN pro')
  await expect(list.rows).toHaveCount(1)
  await expect(list.row('proxy-berlin-1')).toBeVisible()
  await list.search('.*')
  await expect(page.getByRole('heading', { name: 'No machine matches' })).toBeVisible()
  await page.getByRole('button', { name: 'Show all machines' }).click()
  await expect(list.rows).toHaveCount(12)
})

test('chips show a part of the list and how much it is', async ({ page }) => {
  const list = machineList(page)
  const running = page.getByRole('button', { name: 'Running 5' })
  await running.click()
  await expect(running).toHaveAttribute('aria-pressed', 'true')
  await expect(list.rows).toHaveCount(5)
  await page.getByRole('button', { name: 'Off 7' }).click()
  await expect(list.rows).toHaveCount(7)
  await page.getByRole('button', { name: 'Needs attention 0' }).click()
  await expect(page.getByRole('heading', { name: 'No machine matches' })).toBeVisible()
})

test('headings sort, say so, and turn round', async ({ page }) => {
  const list = machineList(page)
  const heading = (name: string) => page.getByRole('columnheader', { name })
  await expect(heading('Name')).toHaveAttribute('aria-sort', 'ascending')
  await expect(list.rows.first()).toContainText('build-berlin-1')
  await heading('Name').getByRole('button').click()
  await expect(heading('Name')).toHaveAttribute('aria-sort', 'descending')
  await expect(list.rows.first()).toContainText('worker-berlin-1')
  await heading('Memory').getByRole('button').click()
  await expect(heading('Name')).toHaveAttribute('aria-sort', 'none')
  await expect(list.rows.first()).toContainText('8 GiB')
})

test('a chosen machine opens beside the list, in full on Enter, and a reload keeps the place', async ({ page }) => {
  const list = machineList(page)
  await list.open('web-berlin-1')
  const detail = page.getByRole('region', { name: /web-berlin-1/ })
  await expect(detail).toBeVisible()
  await expect(list.grid).toBeVisible()
  await list.grid.focus()
  await page.keyboard.press('Enter')
  await expect(list.grid).toBeHidden()
  await page.reload()
  await expect(detail).toBeVisible()
  await expect(list.grid).toBeHidden()
  await page.goBack()
  await expect(list.grid).toBeVisible()
})

test('a machine that is not there any more is said to be gone', async ({ page }) => {
  await expect(machineList(page).rows).toHaveCount(12)
  await page.evaluate(
    () => (location.hash = `#/machines/${encodeURIComponent('00000000-0000-0000-0000-000000000000@x:///')}`),
  )
  await expect(page.getByRole('region', { name: 'gone' })).toBeVisible()
  await expect(machineList(page).rows).toHaveCount(12)
})

test('marked machines start together, and what some cannot do is said', async ({ page }) => {
  const list = machineList(page)
  await list.row('proxy-berlin-1').getByRole('checkbox').click()
  await list.row('worker-berlin-1').getByRole('checkbox').click()
  const bar = page.getByRole('toolbar', { name: 'Actions for marked machines' })
  await expect(bar).toContainText('2 marked')
  const pause = bar.getByRole('button', { name: 'Pause' })
  await expect(pause).toHaveAttribute('aria-disabled', 'true')
  await expect(pause).toHaveAccessibleDescription(/Only while running/)
  await bar.getByRole('button', { name: 'Start' }).click()
  await expect(list.row('proxy-berlin-1')).toContainText('Running')
  await expect(list.row('worker-berlin-1')).toContainText('Running')
  await list.row('ldap-berlin-1').getByRole('checkbox').click()
  await expect(bar.getByRole('button', { name: 'Pause (2 of 3)' })).toBeVisible()
  await bar.getByRole('button', { name: 'Unmark all' }).click()
  await expect(page.getByRole('button', { name: 'Running 7' })).toBeVisible()
})

test('forcing several off asks first, and asks about what it will do', async ({ page }) => {
  const list = machineList(page)
  await list.row('web-berlin-1').getByRole('checkbox').click()
  await list.row('db-berlin-1').click({ modifiers: ['Control'] })
  const bar = page.getByRole('toolbar', { name: 'Actions for marked machines' })
  const question = page.getByRole('alertdialog', { name: 'Force off' })
  await bar.getByRole('button', { name: 'Force off' }).click()
  await expect(question).toContainText('2 machines')
  await expect(question).toContainText('web-berlin-1')
  await question.getByRole('button', { name: 'Cancel' }).click()
  await expect(list.row('web-berlin-1')).toContainText('Running')
  await bar.getByRole('button', { name: 'Force off' }).click()
  await question.getByRole('button', { name: 'Force off' }).click()
  await expect(list.row('web-berlin-1')).toContainText('Off')
  await expect(list.row('db-berlin-1')).toContainText('Off')
})

test('a shift-click marks everything between', async ({ page }) => {
  const list = machineList(page)
  await list.row('cache-berlin-1').getByRole('checkbox').click()
  await list.row('db-berlin-1').click({ modifiers: ['Shift'] })
  // cache, ci-runner, db
  await expect(page.getByText('3 marked')).toBeVisible()
  await page.getByRole('checkbox', { name: 'Mark all machines shown' }).click()
  await expect(page.getByText('12 marked')).toBeVisible()
  await page.getByRole('button', { name: 'Unmark all' }).click()
  await expect(page.getByRole('toolbar')).toBeHidden()
})

test('the menu of a machine tells what it can do now, and why not the rest', async ({ page }) => {
  const list = machineList(page)
  await list.row('worker-berlin-1').click({ button: 'right' })
  const menu = page.getByRole('menu', { name: 'Actions for worker-berlin-1' })
  await expect(menu.getByRole('menuitem', { name: /^Pause/ })).toHaveAttribute('aria-disabled', 'true')
  await expect(menu.getByRole('menuitem', { name: /^Pause/ })).toContainText('Only while running.')
  await menu.getByRole('menuitem', { name: 'Start', exact: true }).click()
  await expect(menu).toBeHidden()
  await expect(list.row('worker-berlin-1')).toContainText('Running')
})
