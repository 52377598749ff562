import type { Page } from '@playwright/test'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { expect, test as base } from '../fixture/test.ts'
import { expectPicture, machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const test = base.extend<{ domain: TestDomain }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  domain: async ({}, use) => {
    await using domain = await testDomain({ kind: 'blank', prefix: 't-faults' })
    await use(domain)
  },
  connections: ['qemu:///system'],
})

/** What noVNC says about it on the console. */
const COMPLAINT = /^(Failed (when|while)|RFB failure|Tried changing state|Got data while|Cannot clip)/

/** The machine is removed while its window is still there. */
const REMOVED = /status of 404 .*domain\/get/

/** Puts garbage in the place of what QEMU's VNC server says; the gate tells from which moment on. */
const spoilScreen = async (page: Page, garbage: string): Promise<{ spoiled: boolean }> => {
  const gate = { spoiled: true }
  await page.routeWebSocket(/\/stream\/domain\/screen/, window => {
    const server = window.connectToServer()
    server.onMessage(message => {
      const bytes = typeof message !== 'string' && gate.spoiled
      window.send(bytes ? Buffer.alloc(message.length, garbage) : message)
    })
  })
  // Only sockets of a page that is loaded from now on are routed.
  await page.reload()
  return gate
}

for (const [what, garbage] of [
  ['markup', '<img src=x onerror=document.title=1>'],
  ['zeros', '\0'],
] as const)
  test(`a screen that sends ${what} is a failure with its reason, and works when it is sane again`, async ({
    page,
    allowConsole,
    domain,
  }) => {
    allowConsole(COMPLAINT)
    allowConsole(REMOVED)
    const gate = await spoilScreen(page, garbage)
    await machineList(page).open(domain.name)
    const { region, tab, button } = machineDetail(page, domain.name)
    await tab('Screen')
    const notice = region.getByRole('status').filter({ hasText: 'This console cannot be opened' })
    await expect(notice).toBeVisible()
    await expect(page).not.toHaveTitle('1')
    // The window lives on: another view, and the screen itself.
    await tab('Overview')
    await expect(region.getByText(domain.uuid)).toBeVisible()
    await tab('Screen')
    gate.spoiled = false
    await button('Try again').click()
    await expectPicture(region.locator('canvas').first())
  })

test('a screen that goes mad while it is open', async ({ page, allowConsole, domain }) => {
  allowConsole(COMPLAINT)
  allowConsole(REMOVED)
  const gate = await spoilScreen(page, '\x5a\xa5')
  gate.spoiled = false
  await machineList(page).open(domain.name)
  const { region, tab } = machineDetail(page, domain.name)
  await tab('Screen')
  await expectPicture(region.locator('canvas').first())
  gate.spoiled = true
  // A restart makes the guest draw again.
  await domain.virsh('reset')
  await expect(region.getByRole('status').filter({ hasText: /cannot be opened|connection was lost/ })).toBeVisible()
})
