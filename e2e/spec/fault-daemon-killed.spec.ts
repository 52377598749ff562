import type { Page } from '@playwright/test'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { privateDaemon, type PrivateDaemon } from '../fixture/private-daemon.ts'
import { expect, test as base } from '../fixture/test.ts'
import { machineDetail, savedOutput } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const test = base.extend<{ daemon: PrivateDaemon; guest: TestDomain; ghost: TestDomain }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  daemon: async ({}, use) => {
    await using daemon = await privateDaemon()
    await use(daemon)
  },
  guest: async ({ daemon }, use) => use(await testDomain({ uri: daemon.uri, name: 't-faults-guest' })),
  ghost: async ({ daemon }, use) =>
    use(await testDomain({ uri: daemon.uri, name: 't-faults-ghost', kind: 'blank', start: false })),
  // The order matters: the machines are there before Vireo looks.
  connections: async ({ daemon, guest, ghost }, use) => use(guest.uri === ghost.uri ? [daemon.uri] : []),
})

const type = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

test('a killed daemon: banner, greyed list, and all of it back without a reload', async ({
  page,
  allowConsole,
  daemon,
  guest,
  ghost,
}) => {
  test.setTimeout(120_000)
  const list = machineList(page)
  await expect(list.row(guest.name)).toContainText('Running')
  await expect(list.row(ghost.name)).toContainText('Off')
  await page.evaluate(() => document.body.setAttribute('data-same-page', ''))
  await guest.ready()
  await list.open(guest.name)
  const { region, tab } = machineDetail(page, guest.name)
  await tab('Serial')
  const line = region.getByLabel(`Serial console of ${guest.name}`)
  await line.locator('.xterm').click()
  await type(page, 'echo before-$((40+2))')
  await expect.poll(() => savedOutput(region)).toContain('before-42')

  // What asks a daemon that is gone is told so.
  allowConsole(/503 \(Service Unavailable\) .*\/api\//)
  await daemon.kill9()
  const banner = page.getByRole('status').filter({ hasText: 'connection lost' })
  await expect(banner).toBeVisible()
  await expect(list.row(guest.name)).toContainText('Last known: Running')
  await expect(list.row(ghost.name)).toContainText('Last known: Off')
  await expect(region.getByRole('status').filter({ hasText: 'The connection was lost' })).toBeVisible()

  // Meanwhile somebody else changes what there is.
  await daemon.restart()
  await ghost.virsh('undefine')
  const created = await testDomain({ uri: daemon.uri, name: 't-faults-new', kind: 'blank', start: false })

  await expect(list.row(created.name)).toContainText('Off', { timeout: 40_000 })
  await expect(list.row(created.name)).not.toContainText('Last known')
  await expect(list.row(ghost.name)).toHaveCount(0)
  await expect(list.row(guest.name)).not.toContainText('Last known')
  await expect(list.rows).toHaveCount(2)
  await expect(banner).toBeHidden()
  // Events flow again, and so does the line.
  await created.virsh('undefine')
  await expect(list.row(created.name)).toHaveCount(0)
  await expect(region.getByRole('status').filter({ hasText: 'The connection was lost' })).toBeHidden({
    timeout: 40_000,
  })
  await line.locator('.xterm').click()
  await type(page, 'echo after-$((40+2))')
  await expect.poll(() => savedOutput(region)).toContain('after-42')
  await expect(page.locator('body[data-same-page]')).toBeVisible()
})
