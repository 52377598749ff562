import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDomain } from '../fixture/domain.ts'
import { privateDaemon } from '../fixture/private-daemon.ts'
import { run } from '../fixture/run.ts'
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
