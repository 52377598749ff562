import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDomain } from '../fixture/domain.ts'
import { run } from '../fixture/run.ts'
import { machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'

const node = await testNode({ domains: 12, running: 5 })
const RUNNING = 'web-berlin-1'
const OFF = 'ldap-berlin-1'

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

test('the overview tells what a machine is made of, with a picture of its screen', async ({ page, axe }) => {
  await machineList(page).open(RUNNING)
  const { region } = machineDetail(page, RUNNING)
  await expect(region.getByText('Running', { exact: true })).toBeVisible()
  await expect(region.getByText(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)).toBeVisible()
  await expect(region.getByText(node.uri)).toBeVisible()
  await expect(region.getByRole('button', { name: `Open the screen of ${RUNNING}` }).locator('img')).toHaveJSProperty(
    'complete',
    true,
  )
  await axe('section[aria-label^="Machine"]')
})

test('a machine is started, paused, resumed and forced off from its detail, and the list follows', async ({ page }) => {
  const list = machineList(page)
  await list.open(OFF)
  const detail = machineDetail(page, OFF)
  await detail.button('Start').click()
  await expect(list.row(OFF)).toContainText('Running')
  await detail.button('Pause').click()
  await expect(detail.region.getByText('Paused', { exact: true })).toBeVisible()
  await detail.button('Resume').click()
  await expect(list.row(OFF)).toContainText('Running')
  await detail.choose('Force off')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).click()
  await expect(list.row(OFF)).toContainText('Running')
  await detail.choose('Force off')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Force off' }).click()
  await expect(list.row(OFF)).toContainText('Off')
  await expect(detail.button('Start')).toBeVisible()
})

test('what cannot be done now is disabled and says why', async ({ page }) => {
  await machineList(page).open(OFF)
  const pause = machineDetail(page, OFF).button('Pause')
  await expect(pause).toHaveAttribute('aria-disabled', 'true')
  await expect(pause).toHaveAccessibleDescription(/only while/i)
})

test('deleting shows what goes and asks what becomes of it', async ({ page }) => {
  const list = machineList(page)
  const name = 'vpn-berlin-1'
  await list.open(name)
  await machineDetail(page, name).choose('Delete')
  const dialog = page.getByRole('dialog', { name: `Delete ${name}?` })
  await expect(dialog).toContainText('cannot be undone')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await expect(list.row(name)).toBeVisible()
  await machineDetail(page, name).choose('Delete')
  const keep = dialog.getByRole('radio', { name: /^Keep/ })
  if ((await keep.count()) > 0) await keep.first().check()
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(list.row(name)).toBeHidden()
  await expect(page.getByText('This machine is gone')).toBeVisible()
  await page.getByRole('button', { name: 'Back to the list' }).click()
  await expect(page.getByText('This machine is gone')).toBeHidden()
})

test('a tab keeps its place in the address, and an unknown machine is no crash', async ({ page }) => {
  await machineList(page).open(RUNNING)
  const detail = machineDetail(page, RUNNING)
  await detail.tab('XML')
  await page.reload()
  await expect(detail.region.getByRole('tab', { name: 'XML' })).toHaveAttribute('aria-selected', 'true')
  await page.evaluate(() => {
    location.hash = `#/machines/${encodeURIComponent('no-such-uuid@test:///default')}`
  })
  await expect(page.getByText('This machine is gone')).toBeVisible()
})

test('the detail fits a narrow window', async ({ page, axe }) => {
  await machineList(page).open(RUNNING)
  await page.setViewportSize({ width: 640, height: 700 })
  const { region } = machineDetail(page, RUNNING)
  expect(await region.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0)
  await axe('section[aria-label^="Machine"]')
})

test.describe('of a real machine', () => {
  test.use({ connections: ['qemu:///system'] })
  test.describe.configure({ timeout: 180_000 })
  // A daemon that also serves others takes its time.
  const slow = { timeout: 60_000 }
  const CD = `<disk type='file' device='cdrom'><target dev='sda' bus='sata'/><readonly/></disk>`

  test('a medium is inserted, seen, ejected and started from, by keyboard', async ({ page, axe }) => {
    const folder = await mkdtemp(join(tmpdir(), 'vireo-media-'))
    await using stack = new AsyncDisposableStack()
    stack.defer(() => rm(folder, { recursive: true }))
    await chmod(folder, 0o755)
    await writeFile(join(folder, 'content'), 'content')
    const iso = join(folder, 'one.iso')
    await run('xorriso', ['-as', 'mkisofs', '-quiet', '-o', iso, join(folder, 'content')])
    const domain = stack.use(await testDomain({ kind: 'blank', prefix: 't-media', extraDevices: CD }))
    await machineList(page).open(domain.name)
    const { region } = machineDetail(page, domain.name)
    const media = region.getByRole('region', { name: 'Media' })

    await media.getByRole('button', { name: 'Insert a medium into sda' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: `Insert a medium into sda of ${domain.name}` })
    await expect(dialog.getByLabel('ISO')).toBeFocused()
    await axe('[role=dialog]')
    await page.keyboard.type(iso)
    await page.keyboard.press('Enter')
    await expect(dialog).toBeHidden()
    await expect(media).toContainText(iso, slow)
    expect(await domain.virsh('domblklist')).toContain(iso)

    await media.getByRole('button', { name: 'Choose what it starts from first' }).press('Enter')
    await page.getByRole('menuitem', { name: 'sda, CD drive' }).press('Enter')
    await expect(media).toContainText('Starts from sda', slow)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await axe('section[aria-label^="Machine"]')
    }
    await page.setViewportSize({ width: 700, height: 800 })
    expect(await region.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0)

    await media.getByRole('button', { name: 'Eject sda' }).press('Enter')
    await expect(media).toContainText('Empty', slow)
    expect(await domain.virsh('domblklist')).not.toContain(iso)
  })
})

test.describe('mirrored', () => {
  test.use({ locale: 'en-XB' })

  test('every word of the detail is translated, and it fits', async ({ page }) => {
    await page.locator('[role=row][data-id]').filter({ hasText: RUNNING }).click()
    const region = page.getByRole('region').filter({ has: page.getByRole('tablist') })
    await expect(region).toHaveCSS('direction', 'rtl')
    for (const tab of await region.getByRole('tab').all()) await expect(tab).toHaveText(/^⟦.*⟧$/)
    await expect(region.getByRole('definition').first()).toBeVisible()
    for (const term of await region.getByRole('term').all()) await expect(term).toHaveText(/^⟦.*⟧$/)
    expect(await region.evaluate(element => element.scrollWidth - element.clientWidth)).toBe(0)
  })
})
