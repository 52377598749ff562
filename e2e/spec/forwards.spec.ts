import { machineDetail } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect, test } from '../fixture/test.ts'

const node = await testNode({ domains: 12, running: 5 })
const OFF = 'ldap-berlin-1'

test.use({ connections: [node.uri] })

test.afterAll(async () => {
  await node.dispose()
})

test('a port is led into a machine, told of, and taken back', async ({ page, axe, allowConsole }) => {
  // The address that is none of this computer.
  allowConsole(/400 \(Bad Request\)/)
  await machineList(page).open(OFF)
  const { region } = machineDetail(page, OFF)
  const forwards = region.getByRole('region', { name: 'Port forwards' })
  await expect(forwards).toContainText('No port of this computer leads into this machine.')
  await forwards.getByRole('button', { name: 'Add…' }).click()
  const dialog = page.getByRole('dialog', { name: `Forward a port to ${OFF}` })
  await dialog.getByLabel('Port of the machine').fill('99999')
  await expect(dialog).toContainText('A port is a number from 1 to 65535.')
  await dialog.getByLabel('Port of the machine').fill('22')
  await dialog.getByLabel('Listen on').fill('192.0.2.1')
  await expect(dialog).toContainText('Others can reach it')
  await axe('[role=dialog]')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(dialog).toContainText('is no address of this computer')
  await dialog.getByLabel('Listen on').fill('127.0.0.1')
  await dialog.getByRole('button', { name: 'Add', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect(forwards).toContainText('Machine is off')
  await expect(forwards).toContainText('to port 22')
  await axe('section[aria-label^="Machine"]')
  await forwards.getByRole('button', { name: /^Remove the forward/ }).click()
  await expect(forwards).toContainText('No port of this computer leads into this machine.')
})
