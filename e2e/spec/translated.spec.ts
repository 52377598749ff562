import type { Page } from '@playwright/test'
import { lxdDaemon, type LxdDaemon } from '../fixture/lxd.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect, test as base } from '../fixture/test.ts'

const node = await testNode({ domains: 3, running: 2 })
let lxd: LxdDaemon

const test = base.extend({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  connections: async ({}, use) => use([node.uri, lxd.uri, 'qemu:///system']),
})
test.describe.configure({ timeout: 120_000 })

test.beforeAll(async () => {
  lxd = await lxdDaemon({ bare: true })
})
test.afterAll(async () => {
  await lxd[Symbol.asyncDispose]()
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
  /^(Vireo|Test|KVM|QEMU|KVM \/ QEMU|LXD|Incus|VirtualBox|Podman|Docker|XML|CPU|virtio)$/,
  /\w+-berlin-\d/,
  // Machines of whoever else tests on this computer.
  /^t-[\w-]+$/,
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

/** What a place still lacks to be judged: its content, the end of what it waits for, translations. */
const lacks = async (page: Page, content: string): Promise<string[]> => {
  const there = await page.locator(content).filter({ visible: true }).count()
  const waiting = await page.locator('svg[class*=spinner]').filter({ visible: true }).count()
  if (there === 0) return ['content']
  return waiting > 0 ? ['the end of its waiting'] : untranslated(page)
}

/** Nothing is judged before it is there: `content` is what only the finished place shows. */
const judge = async (page: Page, place: string, content: string): Promise<void> =>
  expect.poll(() => lacks(page, content), { message: place, timeout: 20_000 }).toEqual([])

const DIALOG = '[role=dialog]'
const CLOSED = { state: 'detached' } as const

/** By the palette, with the words as the made-up language writes them. */
const command = async (page: Page, words: string): Promise<void> => {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill(words)
  await page.getByRole('option').filter({ hasText: words }).first().click()
}

const leave = async (page: Page): Promise<void> => {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor(CLOSED)
}

test.beforeEach(async ({ page }) => {
  await page.locator('[role=row][data-id]').first().waitFor()
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').fill('mirrored')
  await page.keyboard.press('Enter')
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  await judge(page, 'the list', '[role=row][data-id]')
})

test('in another language every word of a machine is translated', async ({ page }) => {
  await page.locator('[role=row][data-id]').filter({ hasText: 'berlin' }).first().click()
  const tabs = page.getByRole('tab')
  await tabs.first().waitFor()
  const count = await tabs.count()
  expect(count).toBeGreaterThan(5)
  for (let at = 0; at < count; at++) {
    await tabs.nth(at).click()
    await expect(tabs.nth(at)).toHaveAttribute('aria-selected', 'true')
    await judge(page, `tab ${at}`, '[role=tabpanel] :is(p, dl, canvas, h2, h3, pre, button, [role=textbox])')
  }
})

test('in another language every word of the pages and dialogs is translated', async ({ page, allowConsole }) => {
  // Whether a machine could be made here does not matter.
  allowConsole(/\/create\/plan\)/)
  for (const [place, key, content] of [
    ['the palette', 'Control+k', '[role=option]'],
    ['the settings', 'Control+,', '[role=switch], [role=dialog] label'],
    ['the keys', '?', '[role=dialog] kbd'],
  ] as const) {
    await page.keyboard.press(key)
    await judge(page, place, `${DIALOG} :is(${content.replaceAll(`${DIALOG} `, '')})`)
    await leave(page)
  }

  await command(page, 'Ñéw máçhîñé')
  const steps = page.getByRole('dialog').getByRole('navigation').getByRole('button')
  await steps.first().waitFor()
  const count = await steps.count()
  expect(count).toBeGreaterThan(5)
  for (let at = 0; at < count; at++) {
    await steps.nth(at).click()
    await judge(page, `step ${at} of a new machine`, `${DIALOG} [role=group] :is(input, button, dl)`)
  }
  await leave(page)

  await command(page, 'Láûñçh á çöñtáîñér')
  await judge(page, 'the launch of a container', `${DIALOG} input`)
  await leave(page)

  await page.evaluate(() => void (location.hash = '#/networks'))
  await judge(page, 'the networks', 'main [role=rowheader], main th[scope=row]')
  await page.getByRole('main').getByRole('button').first().click()
  await judge(page, 'a new network', `${DIALOG} input`)
  await leave(page)

  await page.evaluate(() => void (location.hash = '#/images'))
  await judge(page, 'the images', 'main [role=rowheader], main th[scope=row]')
  for (const at of [0, 1]) {
    await page.getByRole('main').getByRole('button').nth(at).click()
    await judge(page, `dialog ${at} of the images`, `${DIALOG} button`)
    await leave(page)
  }

  await page.evaluate(() => void (location.hash = '#/hosts'))
  await judge(page, 'the hosts', 'main article')
  await page.getByRole('tab').last().click()
  await judge(page, 'the doctor', '[role=tabpanel] li')
})
