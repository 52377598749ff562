import { ensurePolkit } from '../fixture/daemons.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { publicProgram } from '../fixture/public-program.ts'
import { startServer } from '../fixture/server.ts'
import { expect, inElectron, test as base } from '../fixture/test.ts'
import { testUser, type TestUser } from '../fixture/test-user.ts'
import { machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const test = base.extend<{ user: TestUser; domain: TestDomain; groups: readonly string[] }>({
  groups: [[], { option: true }],
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  domain: async ({}, use) => {
    await using domain = await testDomain({ kind: 'blank', prefix: 't-faults', start: false })
    await use(domain)
  },
  user: async ({ groups }, use) => {
    const polkit = await ensurePolkit()
    const user = await testUser(groups)
    await use(user)
    await user.dispose()
    await polkit.stop()
  },
  // Vireo as this user runs it: of the system and of their own session.
  server: async ({ user, domain }, use) => {
    await using program = await publicProgram()
    const server = await startServer({
      ...{ env: user.env, command: [...user.prefix, ...program.command] },
      connections: domain.uri === 'qemu:///system' ? ['qemu:///system', 'qemu:///session'] : [],
    })
    await use(server)
    await server.stop()
  },
})

test.skip(process.getuid?.() !== 0, 'only root can make users of every right')
test.skip(inElectron, 'about the browser surface, not Electron')

test('outside the group: everything is seen, and the refusal comes with the command that mends it', async ({
  page,
  allowConsole,
  user,
  domain,
}) => {
  const list = machineList(page)
  await expect(list.row(domain.name)).toContainText('Off')
  const line = (uri: string) => page.getByRole('listitem').and(page.getByTitle(uri))
  const lock = { name: 'view only' }
  await expect(line('qemu:///system').getByRole('img', lock)).toBeVisible()
  await expect(line('qemu:///session').getByRole('img', lock)).toHaveCount(0)
  await expect(line('qemu:///session')).toHaveAttribute('title', /ready/)

  await list.open(domain.name)
  const start = machineDetail(page, domain.name).button('Start')
  await expect(start).toHaveAccessibleDescription(/read-only|unlock/i)

  // polkit would ask for a password, and here is nobody whom it could ask.
  allowConsole(/403 \(Forbidden\) .*connection\/unlock/)
  await line('qemu:///system').hover()
  await line('qemu:///system').getByRole('button').click()
  await page.getByRole('menuitem', { name: 'Unlock' }).click()
  const toast = page.getByRole('alert').filter({ hasText: 'was not unlocked' })
  await expect(toast).toContainText('polkit')
  await expect(toast).toContainText('org.libvirt.unix.manage')
  await expect(toast).toContainText(`sudo usermod -aG libvirt ${user.name}`)
  expect(await domain.state()).toBe('shut off')
})

test.describe('inside the group', () => {
  test.use({ groups: ['libvirt'] })

  test('machines of the system are used without being asked', async ({ page, domain }) => {
    const list = machineList(page)
    await list.open(domain.name)
    await machineDetail(page, domain.name).button('Start').click()
    await expect(list.row(domain.name)).toContainText('Running')
    await expect(page.getByRole('img', { name: 'view only' })).toHaveCount(0)
    expect(await domain.state()).toBe('running')
    await domain.destroy()
  })
})
