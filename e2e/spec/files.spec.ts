import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { expect, test } from '../fixture/test.ts'
import { until } from '../fixture/wait.ts'
import { machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

test.use({ connections: ['qemu:///system'] })
test.describe.configure({ timeout: 180_000 })
// An emulated guest on a busy computer takes its time for every answer.
const slow = { timeout: 60_000 }
const SIZE = 6 * 1024 * 1024

const AGENT_LISTENS = /name='org\.vireo\.agent\.0' state='connected'/

let guest: TestDomain

/** What the page makes, too: nothing repeats where a lost or doubled piece would not show. */
const content = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 12)) % 251)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

test.beforeAll(async () => {
  test.setTimeout(180_000)
  guest = await testDomain({ prefix: 't-files', kind: 'agent' })
  await guest.ready()
  // Its shell may be there before the agent is, and then qemu-ga answers, which cannot go on with an upload.
  await until('the agent to listen', async () => AGENT_LISTENS.test(await guest.virsh('dumpxml')), 120_000)
})
test.afterAll(async () => guest.dispose())

const openFiles = async (page: Page, path: string): Promise<Locator> => {
  await machineList(page).open(guest.name)
  const detail = machineDetail(page, guest.name)
  await detail.tab('Files')
  const { region } = detail
  await expect(region.getByRole('button', { name: 'Type a path' })).toBeVisible(slow)
  await go(region, path)
  return region
}

const go = async (region: Locator, path: string): Promise<void> => {
  await region.getByRole('button', { name: 'Type a path' }).click()
  const field = region.getByRole('textbox', { name: 'Path of a folder' })
  await field.fill(path)
  await field.press('Enter')
  await expect(grid(region, path)).toBeVisible(slow)
}

const grid = (region: Locator, path: string): Locator =>
  region.getByRole('grid', { name: `Files in ${path}`, exact: true })
const row = (region: Locator, name: string): Locator =>
  region.getByRole('row').filter({ has: region.page().getByText(name, { exact: true }) })
const transfer = (region: Locator, words: string): Locator =>
  region.getByRole('region', { name: 'Transfers' }).getByRole('listitem').filter({ hasText: words })

/** Drops a file on the list, as a drag from the desktop does. */
const drop = async (page: Page, name: string, size: number): Promise<void> => {
  const dataTransfer = await page.evaluateHandle(
    file => {
      const bytes = Uint8Array.from({ length: file.size }, (_, at) => (at * 31 + (at >> 12)) % 251)
      const carried = new DataTransfer()
      carried.items.add(new File([bytes], file.name, { lastModified: 1_700_000_000_000 }))
      return carried
    },
    { name, size },
  )
  for (const kind of ['dragenter', 'dragover', 'drop'])
    await page.locator('[data-drop-zone]').dispatchEvent(kind, { dataTransfer })
}

/**
 * Stops a transfer in its middle, and lets it go on. The page itself looks and presses: a quick guest has the rest before a
 * press from outside arrives. Two fifths are more than what is on its way to a slow guest and would have to be sent again.
 */
const interrupt = async (line: Locator, name: string): Promise<void> => {
  await expect(line.getByRole('button', { name: `Stop ${name}` })).toBeVisible(slow)
  await line.evaluate(
    (element, { label, timeout }) =>
      new Promise<void>((resolve, reject) => {
        const look = () => {
          const bar = element.querySelector('[role=progressbar]')
          const button = [...element.querySelectorAll('button')].find(one => one.ariaLabel === label)
          if (Number(bar?.getAttribute('aria-valuenow')) < 40 || !button) return
          end()
          button.click()
          resolve()
        }
        const observer = new MutationObserver(look)
        const late = setTimeout(() => {
          end()
          reject(new Error(`never in its middle: ${element.textContent}`))
        }, timeout)
        const end = () => {
          observer.disconnect()
          clearTimeout(late)
        }
        observer.observe(element, { subtree: true, childList: true, attributes: true, characterData: true })
        look()
      }),
    { label: `Stop ${name}`, ...slow },
  )
  await expect(line).toContainText('stopped')
  await line.getByRole('button', { name: `Go on with ${name}` }).click()
  await expect(line).toContainText(/done.*went on at/, slow)
}

/** The file dialog is the system's: the page's own storage stands for the place that a person chooses. */
const chooseInPage = async (page: Page): Promise<void> =>
  page.evaluate(() => {
    const choose = async ({ suggestedName }: { suggestedName: string }): Promise<FileSystemFileHandle> =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true })
    Object.assign(window, { showSaveFilePicker: choose })
  })

const savedInPage = async (page: Page, name: string): Promise<string> =>
  page.evaluate(async file => {
    const handle = await (await navigator.storage.getDirectory()).getFileHandle(file)
    const digest = await crypto.subtle.digest('SHA-256', await (await handle.getFile()).arrayBuffer())
    return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')
  }, name)

test('folders are browsed by keyboard, made, and deleted after asking, in light and dark', async ({ page, axe }) => {
  const region = await openFiles(page, '/')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await axe()
  }
  await grid(region, '/').focus()
  await page.keyboard.type('etc')
  await page.keyboard.press('Enter')
  await expect(grid(region, '/etc')).toBeVisible(slow)
  await grid(region, '/etc').press('Backspace')
  await expect(grid(region, '/')).toBeVisible(slow)

  await region.getByRole('button', { name: 'More about files' }).click()
  await page.getByRole('menuitem', { name: 'New folder…' }).click()
  const name = page.getByRole('dialog').getByRole('textbox', { name: 'Name' })
  await name.fill('a/b')
  await expect(page.getByRole('dialog')).toContainText('A name has no “/”')
  await name.fill('<b>new')
  await name.press('Enter')
  await row(region, '<b>new').click(slow)
  // The keyboard stays where it is, though there is nothing to be on.
  await page.keyboard.press('Enter')
  await expect(region.getByText('The folder is empty.')).toBeVisible(slow)
  await page.keyboard.press('Backspace')
  await expect(grid(region, '/')).toBeVisible(slow)
  await row(region, '<b>new').click(slow)
  await page.keyboard.press('Delete')
  await expect(page.getByRole('alertdialog')).toContainText('<b>new in / and everything in it')
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click()
  await expect(row(region, '<b>new')).toHaveCount(0, slow)
})

test('a file that was dropped goes in, is stopped, goes on, and comes back whole', async ({ page, axe }) => {
  const region = await openFiles(page, '/etc')
  await drop(page, 'big.img', SIZE)
  const up = transfer(region, 'to /etc')
  await interrupt(up, 'big.img')
  await row(region, 'big.img').click(slow)
  await axe()

  await chooseInPage(page)
  await region.getByRole('button', { name: 'Download' }).click()
  const down = transfer(region, 'from /etc')
  await interrupt(down, 'big.img')
  expect(await savedInPage(page, 'big.img')).toBe(sha256(content(SIZE)))

  await drop(page, 'big.img', 10)
  await expect(page.getByRole('dialog')).toContainText('big.img is already in /etc')
  await page.getByRole('dialog').getByRole('button', { name: 'Keep both' }).click()
  await expect(row(region, 'big (2).img')).toBeVisible(slow)
})

test('where a page cannot write files the browser’s own downloads do it', async ({ page }) => {
  const region = await openFiles(page, '/etc')
  await page.evaluate(() => Object.assign(window, { showSaveFilePicker: undefined }))
  await drop(page, 'small.txt', 1000)
  await row(region, 'small.txt').click(slow)
  const download = page.waitForEvent('download')
  await region.getByRole('button', { name: 'Download' }).click()
  const arrived = await download
  expect(arrived.suggestedFilename()).toBe('small.txt')
  expect(sha256(await readFile(await arrived.path()))).toBe(sha256(content(1000)))
})
