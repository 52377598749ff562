import { spawn } from 'node:child_process'
import { vireo } from '../fixture/cli.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { startServer } from '../fixture/server.ts'
import { expect, test as base, watchConsole } from '../fixture/test.ts'
import { until } from '../fixture/wait.ts'
import { machineDetail, savedOutput } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const test = base.extend<{ guest: TestDomain }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  guest: async ({}, use) => {
    await using guest = await testDomain({ prefix: 't-faults' })
    await guest.ready()
    await use(guest)
  },
  connections: ['qemu:///system'],
})

test.describe.configure({ timeout: 120_000 })

test('two Vireo servers and the command line share one serial line', async ({ page, server, guest, browser }) => {
  await machineList(page).open(guest.name)
  const first = machineDetail(page, guest.name)
  await first.tab('Serial')
  await first.region.locator('.xterm').click()
  await page.keyboard.type('echo one-$((40+2))\n')
  await expect.poll(() => savedOutput(first.region)).toContain('one-42')

  // Another process of the same person.
  const other = await startServer({ connections: ['qemu:///system'], env: server.env })
  const context = await browser.newContext()
  const window = await context.newPage()
  const judge = watchConsole(window, [])
  await window.goto(other.url)
  await machineList(window).open(guest.name)
  const second = machineDetail(window, guest.name)
  await second.tab('Serial')
  await second.region.locator('.xterm').click()
  await window.keyboard.type('echo two-$((40+2))\n')
  for (const { region } of [first, second]) await expect.poll(() => savedOutput(region)).toContain('two-42')

  const line = ['console', '--connection', 'qemu:///system', guest.name]
  const { code, out } = await vireo(line, { env: server.env, input: 'echo three-$((40+2))\n' })
  expect(code).toBe(0)
  expect(out).toContain('three-42')
  for (const { region } of [first, second]) await expect.poll(() => savedOutput(region)).toContain('three-42')
  await context.close()
  judge()
  await other.stop()
})

test('a line that another program holds says so, and is taken over on request', async ({
  page,
  allowConsole,
  guest,
}) => {
  // virsh wants a terminal: script makes one.
  const holder = spawn('script', ['-qec', `virsh -c qemu:///system console ${guest.uuid}`, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const gone = new Promise(resolve => holder.once('close', resolve))
  let said = ''
  holder.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  holder.stdin.on('error', () => undefined)
  await until('virsh to hold the line', () => said.includes('Escape character'))

  await machineList(page).open(guest.name)
  const { region, tab, button } = machineDetail(page, guest.name)
  allowConsole(/stream\/domain\/serial/)
  await tab('Serial')
  const notice = region.getByRole('status').filter({ hasText: 'The line is in use' })
  await expect(notice).toContainText('another program')
  await button('Take over').click()
  await expect(notice).toBeHidden()
  await region.locator('.xterm').click()
  await page.keyboard.type('echo mine-$((40+2))\n')
  await expect.poll(() => savedOutput(region)).toContain('mine-42')
  // The other one was told by the end of its line.
  await gone
})
