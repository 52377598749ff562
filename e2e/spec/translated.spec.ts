import type { Page } from '@playwright/test'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'

const node = await testNode({ domains: 3, running: 2 })

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

/** What is the machines' own, or the same in every language: names, addresses, keys, measures, the words of the daemon. */
const DATA = [
  '[role=row][data-id]',
  '[data-verbatim]',
  ...['bdi', 'kbd', 'code', 'pre', 'b', 'td'],
  // A hidden text that stands for nothing.
  '[aria-hidden=true]',
].join(',')
const SAME = [
  /^(Vireo|Test|KVM|QEMU|XML|CPU|virtio)$/,
  /\w+-berlin-\d/,
  /^\w+ server \d+$/,
  /node\.xml$/,
  /libvirt’s test driver|virDomain/,
  /^Ctrl Alt Shift$/,
  /^[\d.,]+ (px|[KMGT]iB)$/,
]

/** All that is to be read or heard in the window, of more than a sign, that no translation made. */
const untranslated = async (page: Page): Promise<string[]> => {
  const said = await page.evaluate(data => {
    const found = new Set<string>()
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement
      if (parent?.checkVisibility() && !parent.closest(data)) found.add(walker.currentNode.textContent?.trim() ?? '')
    }
    for (const name of ['aria-label', 'aria-description', 'placeholder', 'title', 'alt']) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        if (element.closest(data) === null) found.add(element.getAttribute(name) ?? '')
      }
    }
    return [...found]
  }, DATA)
  return said.filter(
    text => /\p{Script=Latin}{2}/u.test(text) && !text.includes('⟦') && !SAME.some(pattern => pattern.test(text)),
  )
}

test('in another language every word of the window is translated', async ({ page }) => {
  await page.getByRole('grid').waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('mirrored')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  await expect.poll(() => untranslated(page), 'the list').toEqual([])

  const dialogs: readonly (readonly [place: string, key: string])[] = [
    ['the palette', 'Control+k'],
    ['the settings', 'Control+,'],
    ['the keys', '?'],
  ]
  for (const [place, key] of dialogs) {
    await page.keyboard.press(key)
    await page.getByRole('dialog').waitFor()
    await expect.poll(() => untranslated(page), place).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }

  await page.locator('[role=row][data-id]').first().click()
  const tabs = page.getByRole('tab')
  await tabs.first().waitFor()
  for (let at = 0; at < (await tabs.count()); at++) {
    await tabs.nth(at).click()
    await expect(tabs.nth(at)).toHaveAttribute('aria-selected', 'true')
    await expect.poll(() => untranslated(page), `tab ${at}`).toEqual([])
  }
})
