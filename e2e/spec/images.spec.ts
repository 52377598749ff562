import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDomain } from '../fixture/domain.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { run } from '../fixture/run.ts'
import type { Locator, Page } from '@playwright/test'
import { expect, test as base } from '../fixture/test.ts'
import { createPage } from '../page/create.ts'
import { imagesPage } from '../page/images.ts'

interface Place {
  readonly folder: string
  /** A machine that never ran, whose disk is built on another. */
  readonly machine: string
  readonly uri: string
}

/** A daemon of its own, so that nobody else's machines need anything here. */
const test = base.extend<{ place: Place }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  place: async ({}, use) => {
    await using daemon = await privateDaemon()
    const folder = await mkdtemp(join(tmpdir(), 'vireo-images-'))
    await chmod(folder, 0o755)
    const disk = join(folder, 'web.qcow2')
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', join(folder, 'base.qcow2'), '8M'])
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', 'base.qcow2', '-F', 'qcow2', disk])
    // The same content would be the same image.
    await run('qemu-io', ['-c', 'write -P 7 0 64k', disk])
    await using domain = await testDomain({
      kind: 'blank',
      uri: daemon.uri,
      prefix: 't-images',
      disks: [disk],
      start: false,
    })
    await use({ folder, machine: domain.name, uri: daemon.uri })
    await rm(folder, { recursive: true, maxRetries: 5 })
  },
  connections: async ({ place }, use) => use([place.uri]),
})

test('images are imported, taken of a machine, used where they lie, and go again', async ({
  page,
  place: { folder, machine },
  axe,
  allowConsole,
}) => {
  // Whether a machine could be made on that daemon does not matter.
  allowConsole(/\/create\//)
  const images = imagesPage(page)
  await images.open()
  await expect(page).toHaveURL(/#\/images$/)
  await expect(page.getByText('Nothing is here yet')).toBeVisible()
  await expect(images.system('Debian 12')).toContainText(/ready-made.*built here/)

  await images.add('A file of this computer')
  await images.field('Path').fill(join(folder, 'web.qcow2'))
  await images.dialog.getByRole('button', { name: 'Add' }).click()
  await expect(page.getByText('only a difference to another file'), 'a header is never trusted').toBeVisible()
  await images.add('A file of this computer')
  await images.field('Path').fill(join(folder, 'base.qcow2'))
  await images.field('Name').fill('Base')
  await images.dialog.getByRole('button', { name: 'Add' }).click()
  await expect(images.here('Base')).toContainText('Imported file')

  await images.add('A machine that is off')
  await expect(images.dialog).toContainText(machine)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await axe('[role=dialog]')
  }
  await images.field('Name').fill('Template')
  await images.dialog.getByRole('button', { name: 'Add' }).click()
  await expect(images.here('Template')).toContainText('From a machine')

  await images.add('A file of this computer')
  await images.field('Path').fill(join(folder, 'base.qcow2'))
  await images.dialog.getByText('Use it where it lies').click()
  await images.dialog.getByRole('button', { name: 'Add' }).click()
  await expect(images.system('base.qcow2')).toContainText('where it lies')
  await images.choose('base.qcow2', 'Take out of the catalogue')
  await expect(images.system('base.qcow2')).toBeHidden()

  await images.choose('Base', 'New machine of it')
  await expect(createPage(page).dialog.getByRole('radio', { name: /^Base/ })).toBeChecked()
  await page.keyboard.press('Escape')

  await page.setViewportSize({ width: 700, height: 720 })
  await axe('main')
  await images.choose('Base', 'Delete')
  await expect(images.dialog).toContainText('No machine needs it')
  await images.dialog.getByRole('button', { name: 'Delete', exact: true }).click()
  await expect(images.here('Base')).toBeHidden()

  await page.getByRole('button', { name: 'Clean up' }).click()
  await expect(images.dialog).toContainText('There is nothing to clean up')
  await images.dialog.getByRole('button', { name: /Not used for/ }).click()
  await page.getByRole('option', { name: 'any time' }).click()
  await expect(images.dialog.getByRole('list')).toContainText('Template')
  await axe('[role=dialog]')
  await images.dialog.getByRole('button', { name: 'Delete these' }).click()
  await expect(page.getByText('Nothing is here yet')).toBeVisible()
})

/** A vendor that begins to send and then says nothing; gives its address. */
const silentVendor = async (stack: AsyncDisposableStack): Promise<string> => {
  const vendor: Server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': 64 * 1024 * 1024 })
    response.write(Buffer.alloc(1024 * 1024, 7))
  })
  await new Promise<void>(resolve => vendor.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    vendor.closeAllConnections()
    vendor.close()
  })
  const address = vendor.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return `http://127.0.0.1:${address.port}/slow.qcow2`
}

/** Walks on with Tab until this has the focus; fails when it is not on the way. */
const tabTo = async (page: Page, wanted: Locator): Promise<void> => {
  await expect(wanted).toBeVisible()
  for (let step = 0; step < 40; step++) {
    if (await wanted.evaluate(element => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  await expect(wanted).toBeFocused()
}

base.describe('with a keyboard only', () => {
  base.use({ connections: ['test:///default'] })

  base('the catalogue is searched, an image is added, and a download and a clean-up are stopped', async ({ page }) => {
    await using stack = new AsyncDisposableStack()
    const address = await silentVendor(stack)
    const images = imagesPage(page)
    const main = page.getByRole('main')
    await tabTo(page, page.getByRole('link', { name: 'Images' }))
    await page.keyboard.press('Enter')
    await expect(images.system('Debian 12')).toBeVisible()

    const find = main.getByRole('searchbox', { name: 'Find a system' })
    await tabTo(page, find)
    await page.keyboard.insertText('debian 12')
    await expect(images.system('Debian 12')).toBeVisible()
    await expect(images.system('Ubuntu')).toHaveCount(0)
    const actions = images.system('Debian 12').getByRole('button')
    await tabTo(page, actions)
    await page.keyboard.press('Enter')
    await expect(page.getByRole('menuitem', { name: 'Fetch image' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(actions).toBeFocused()

    const add = main.getByRole('button', { name: 'Add image' })
    await tabTo(page, add)
    await page.keyboard.press('Enter')
    await expect(images.field('Address')).toBeFocused()
    await page.keyboard.insertText(address)
    await page.keyboard.press('Enter')
    await expect(images.dialog).toBeHidden()
    await expect(add, 'what opened the dialog has the keys again').toBeFocused()

    const coming = main.getByRole('list', { name: 'Images under way' })
    await tabTo(page, coming.getByRole('button', { name: /Stop/ }))
    await page.keyboard.press('Enter')
    await expect(coming).toBeHidden()
    expect(await page.evaluate(() => document.activeElement?.tagName), 'the keys are not lost').not.toBe('BODY')

    const cleanUp = main.getByRole('button', { name: 'Clean up' })
    await tabTo(page, cleanUp)
    await page.keyboard.press('Enter')
    await expect(images.dialog).toContainText('There is nothing to clean up')
    await tabTo(page, images.dialog.getByRole('button', { name: /Not used for/ }))
    await page.keyboard.press('Enter')
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    await expect(
      images.dialog.getByRole('button', { name: /Not used for.*any time|any time.*Not used for/ }),
    ).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(images.dialog).toBeHidden()
    await expect(cleanUp).toBeFocused()
  })
})
