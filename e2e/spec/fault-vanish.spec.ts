import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { expect, test as base } from '../fixture/test.ts'
import { expectPicture, machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

const test = base.extend<{ domain: TestDomain; neighbour: TestDomain }>({
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  domain: async ({}, use) => {
    await using domain = await testDomain({ kind: 'blank', prefix: 't-faults' })
    // Without its definition it is gone as soon as it ends.
    await domain.virsh('undefine')
    await use(domain)
  },
  // oxlint-disable-next-line no-empty-pattern -- see above
  neighbour: async ({}, use) => {
    await using domain = await testDomain({ kind: 'blank', prefix: 't-faults', start: false })
    await use(domain)
  },
  connections: ['qemu:///system'],
})

for (const place of ['Screen', 'Serial'] as const)
  test(`a machine that vanishes while its ${place.toLowerCase()} is open`, async ({ page, domain, neighbour }) => {
    const list = machineList(page)
    await list.open(domain.name)
    const { region, tab } = machineDetail(page, domain.name)
    await tab(place)
    if (place === 'Screen') await expectPicture(region.locator('canvas').first())
    else await expect(region.locator('.xterm')).toBeVisible()

    await domain.destroy()
    await expect(page.getByText('This machine is gone')).toBeVisible()
    await expect(list.row(domain.name)).toHaveCount(0)
    await page.getByRole('button', { name: 'Back to the list' }).click()
    // The rest goes on as if nothing had been.
    await list.open(neighbour.name)
    await expect(machineDetail(page, neighbour.name).region).toBeVisible()
  })

test('a machine that ends but stays defined: its open screen says that it is off', async ({ page, neighbour }) => {
  await neighbour.start()
  await machineList(page).open(neighbour.name)
  const { region, tab } = machineDetail(page, neighbour.name)
  await tab('Screen')
  await expectPicture(region.locator('canvas').first())
  await neighbour.destroy()
  await expect(region.getByRole('status').filter({ hasText: `${neighbour.name} is off` })).toBeVisible()
  await neighbour.start()
  await expectPicture(region.locator('canvas').first())
})
