import { readFile } from 'node:fs/promises'
import type { Locator, Page } from '@playwright/test'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { expect, test as base } from '../fixture/test.ts'
import { machineDetail, savedOutput } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

/** How long the guest floods, in seconds; `VIREO_FLOOD_SECONDS=60` for the long run. */
const SECONDS = Number(process.env.VIREO_FLOOD_SECONDS ?? 12)

/** Far above what either needs, far below what a minute of flood would pile up. */
const SERVER_GROWTH = 150 * 2 ** 20
const PAGE_HEAP = 250 * 2 ** 20

const test = base.extend<{ guest: TestDomain }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  guest: async ({}, use) => {
    // The virtio console is far quicker than the serial port.
    await using guest = await testDomain({ prefix: 't-faults', virtioConsole: true })
    await use(guest)
  },
  connections: ['qemu:///system'],
})

const residentBytes = async (pid: number): Promise<number> =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

const heapBytes = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize
}

const command = async (region: Locator, text: string): Promise<void> => {
  await region.locator('.xterm:visible').click()
  await region.page().keyboard.type(text)
  await region.page().keyboard.press('Enter')
}

test('a guest that floods its serial line: bounded memory, a window that answers, input that echoes', async ({
  page,
  server,
  guest,
}) => {
  test.setTimeout(120_000 + SECONDS * 2000)
  await guest.ready()
  await machineList(page).open(guest.name)
  const { region, tab } = machineDetail(page, guest.name)
  await tab('Serial')
  await region.locator('button[aria-haspopup=listbox]').click()
  await page.getByRole('option').last().click()
  await command(region, 'echo ready-$((40+2))')
  await expect.poll(() => savedOutput(region)).toContain('ready-42')
  const before = await residentBytes(server.pid)

  await command(region, 'flood')
  await expect.poll(() => savedOutput(region)).toContain('vireo-flood')
  const end = Date.now() + SECONDS * 1000
  let rounds = 0
  while (Date.now() < end) {
    // All a person does meanwhile works: palette, search, a tab and back.
    await page.getByRole('button', { name: /Search or run/ }).click()
    const query = page.getByRole('combobox')
    await query.fill(guest.name)
    await expect(page.getByRole('option').filter({ hasText: guest.name }).first()).toBeVisible()
    await page.keyboard.press('Escape')
    await tab('Overview')
    await expect(region.getByText(guest.uuid)).toBeVisible()
    await tab('Serial')
    expect(await residentBytes(server.pid)).toBeLessThan(before + SERVER_GROWTH)
    expect(await heapBytes(page)).toBeLessThan(PAGE_HEAP)
    rounds++
  }
  expect(rounds).toBeGreaterThan(0)

  // A key gets through to the guest in the middle of it, and ends it.
  await region.locator('.xterm:visible').click()
  await page.keyboard.press('Control+c')
  await command(region, 'echo after-$((40+2))')
  await expect.poll(() => savedOutput(region), { timeout: 30_000 }).toContain('after-42')
  expect(await residentBytes(server.pid)).toBeLessThan(before + SERVER_GROWTH)
})
