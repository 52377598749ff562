import { readFile } from 'node:fs/promises'
import type { Page } from '@playwright/test'
import { coloursOf, expectPicture, machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { expect, test } from '../fixture/test.ts'

test.use({ connections: ['qemu:///system'] })
test.describe.configure({ timeout: 120_000 })

const openScreen = async (page: Page, machine: TestDomain) => {
  await machineList(page).open(machine.name)
  const detail = machineDetail(page, machine.name)
  await detail.tab('Screen')
  const area = detail.region.getByRole('group', { name: `Screen of ${machine.name}` })
  return { detail, area, canvas: area.locator('canvas') }
}

// A machine is taken away at the end while its page still asks about it.
test.beforeEach(({ allowConsole }) => allowConsole(/404 .*\/domain\/get/))

test.describe('a machine with a VNC screen', () => {
  let machine: TestDomain

  test.beforeEach(async () => {
    machine = await testDomain({ prefix: 't-screen', kind: 'blank' })
  })
  test.afterEach(async () => {
    await machine.dispose()
  })

  test('shows what the firmware draws, at every scale, and saves it as a picture', async ({ page, axe }) => {
    const { detail, canvas } = await openScreen(page, machine)
    await expectPicture(canvas)
    await detail.button('Show every pixel (1:1)').click()
    const sizes = await canvas.evaluate(element => {
      const { width, height } = element.getBoundingClientRect()
      const guest = element instanceof HTMLCanvasElement ? [element.width, element.height] : []
      return { shown: [width * devicePixelRatio, height * devicePixelRatio], guest }
    })
    expect(sizes.shown).toEqual(sizes.guest)
    await detail.button('Fit into the window').click()
    const download = page.waitForEvent('download')
    await detail.button('Save a picture').click()
    const file = await download
    expect(file.suggestedFilename()).toMatch(/^t-screen-.*\.png$/)
    expect((await readFile(await file.path())).subarray(1, 4).toString()).toBe('PNG')
    await axe('section[aria-label^="Machine"]')
  })

  test('takes keys, sends what a browser keeps, and gives the keyboard back', async ({ page }) => {
    const { detail, canvas } = await openScreen(page, machine)
    await expectPicture(canvas)
    await canvas.focus()
    await page.keyboard.press('Control+k')
    await expect(page.getByRole('dialog')).toBeHidden()
    await detail.button('Send keys').click()
    await page.getByRole('menuitem', { name: 'Ctrl+Alt+Del' }).click()
    await expect(canvas).toBeFocused()
    await expectPicture(canvas)
    for (const key of ['Control', 'Alt', 'Shift']) await page.keyboard.down(key)
    for (const key of ['Shift', 'Alt', 'Control']) await page.keyboard.up(key)
    await expect(canvas).not.toBeFocused()
  })

  test('stays through a reset and comes back after the machine was off', async ({ page }) => {
    const { detail, canvas } = await openScreen(page, machine)
    await expectPicture(canvas)
    await machine.virsh('reset')
    await expectPicture(canvas)
    await machine.destroy()
    await expect(detail.region.getByText(`${machine.name} is off`)).toBeVisible()
    await detail.region.getByRole('tabpanel').getByRole('button', { name: 'Start' }).click()
    await expectPicture(canvas)
  })

  test('says that it is paused and resumes from there', async ({ page }) => {
    const { detail, canvas } = await openScreen(page, machine)
    await expectPicture(canvas)
    await machine.virsh('suspend')
    const panel = detail.region.getByRole('tabpanel')
    await panel.getByRole('button', { name: 'Resume' }).click()
    await expect(panel.getByRole('button', { name: 'Resume' })).toBeHidden()
    expect(await machine.state()).toBe('running')
  })

  test('a machine that vanishes while its screen is open leaves a clear state', async ({ page }) => {
    const { canvas } = await openScreen(page, machine)
    await expectPicture(canvas)
    await machine.dispose()
    await expect(page.getByText('This machine is gone')).toBeVisible()
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await expect(machineList(page).row(machine.name)).toBeHidden()
  })

  test('looking only keeps keys and mouse here', async ({ page }) => {
    const { detail, canvas } = await openScreen(page, machine)
    await expectPicture(canvas)
    await detail.button('Look only').click()
    await expect(detail.button('Look only')).toHaveAttribute('aria-pressed', 'true')
    await detail.button('Send keys').click()
    await expect(page.getByRole('menuitem', { name: /^Ctrl\+Alt\+Del/ })).toHaveAttribute('aria-disabled', 'true')
  })
})

test('a password that the host knows opens the screen without a question', async ({ page }) => {
  const machine = await testDomain({
    prefix: 't-screen',
    kind: 'blank',
    graphics: 'none',
    extraDevices: `<graphics type='vnc' autoport='yes' listen='127.0.0.1' passwd='s3cret'/><video><model type='vga'/></video>`,
  })
  try {
    const { canvas } = await openScreen(page, machine)
    await expectPicture(canvas)
  } finally {
    await machine.dispose()
  }
})

test('a SPICE machine shows a live picture and can be switched to VNC after a preview', async ({ page }) => {
  const machine = await testDomain({ prefix: 't-screen', kind: 'blank', graphics: 'spice' })
  try {
    const { detail, canvas } = await openScreen(page, machine)
    const picture = detail.region.getByRole('img', { name: `Screen of ${machine.name}` })
    await expect(picture).toHaveJSProperty('complete', true)
    await expect(detail.button('Open in virt-viewer')).toBeVisible()
    await detail.button('Switch to VNC').click()
    const dialog = page.getByRole('dialog')
    await expect(dialog).toContainText(`<graphics type='spice'`)
    await expect(dialog).toContainText(`type='vnc'`)
    expect(await machine.virsh('dumpxml', '--inactive')).toContain(`<graphics type='spice'`)
    await dialog.getByRole('button', { name: 'Switch to VNC' }).click()
    await expect(dialog).toBeHidden()
    await machine.destroy()
    await detail.button('Start').first().click()
    await expect.poll(() => coloursOf(canvas), { timeout: 60_000 }).toBeGreaterThan(1)
  } finally {
    await machine.dispose()
  }
})
