import type { Page } from '@playwright/test'
import { testSshd, type TestSshd } from '../../app-main/src/ssh/testing/test-sshd.ts'
import { testNode } from '../fixture/test-node.ts'
import { expect as impatient, test } from '../fixture/test.ts'
import { machineDetail, terminalText } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'

// ssh and its server share a busy computer.
const expect = impatient.configure({ timeout: 30_000 })
const node = await testNode({ domains: 2, running: 2, interfaces: false })
const NAME = 'web-berlin-1'
test.use({ connections: [node.uri] })
test.describe.configure({ timeout: 120_000 })

let sshd: TestSshd
test.beforeAll(async () => void (sshd = await testSshd()))
test.afterAll(async () => {
  await sshd[Symbol.asyncDispose]()
  await node.dispose()
})

const openTerminal = async (page: Page) => {
  await machineList(page).open(NAME)
  const detail = machineDetail(page, NAME)
  await detail.tab('Terminal')
  return { detail, area: detail.region.getByRole('group', { name: `Terminal of ${NAME}` }) }
}

/** Says where the machine is, in the form that stands there or in that of the menu. */
const setAccess = async (page: Page, { port = sshd.port } = {}) => {
  const { detail, area } = await openTerminal(page)
  await detail.region.getByLabel('Host', { exact: true }).fill(sshd.host)
  await detail.region.getByLabel('Port', { exact: true }).fill(String(port))
  await detail.region.getByLabel('User').fill(sshd.user)
  await detail.region.getByLabel('Private key').fill(sshd.key)
  await detail.button('Save and connect').click()
  return { detail, area }
}

let asked = 0

/** Types a command; the answer is put together by the shell, so that its echo is none, and is not one from before. */
const shellAnswers = async (page: Page, area: ReturnType<Page['locator']>) => {
  asked++
  await area.getByRole('textbox').focus()
  await expect(async () => {
    await page.keyboard.type(`echo an-$((${asked}+40))-swer\n`)
    expect(await terminalText(area)).toContain(`an-${asked + 40}-swer`)
  }).toPass({ timeout: 60_000 })
}

test('a machine whose address is not known asks for it, and gives a shell', async ({ page, axe }) => {
  await openTerminal(page)
  await expect(page.getByRole('heading', { name: `Where is ${NAME}?` })).toBeVisible()
  await axe('section[aria-label^="Machine"]')
  const { detail, area } = await setAccess(page)
  await shellAnswers(page, area)
  await axe('section[aria-label^="Machine"]')
  // Keys of the window are the guest's, and its size is the terminal's.
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.keyboard.press('Control+c')
  await page.keyboard.type('clear; echo size $(stty size)\n')
  await expect.poll(() => terminalText(area)).toMatch(/size \d{2} \d{2,3}/)
  await page.keyboard.type('exit\n')
  await expect(detail.region.getByText('The session ended.')).toBeVisible()
  await detail.button('Connect again').click()
  await shellAnswers(page, area)
  await detail.button('SSH access').click()
  await page.getByRole('menuitem', { name: 'End the connection' }).click()
  await expect(detail.region.getByText('The session was lost.')).toBeVisible()
})

test('another host key stops everything until a person forgets the old one', async ({ page }) => {
  const { detail, area } = await setAccess(page)
  await shellAnswers(page, area)
  await detail.button('SSH access').click()
  await page.getByRole('menuitem', { name: 'End the connection' }).click()
  await expect(detail.region.getByText('The session was lost.')).toBeVisible()
  await sshd.stop()
  await sshd.renewHostKey()
  await sshd.start()
  await detail.button('Connect again').click()
  await expect(detail.region.getByRole('heading', { name: 'Another host key' })).toBeVisible()
  await detail.button('Forget the old key').click()
  await page.getByRole('alertdialog').getByRole('button', { name: 'Forget the old key' }).click()
  await shellAnswers(page, area)
  await detail.button('SSH access').click()
  await page.getByRole('menuitem', { name: 'End the connection' }).click()
})

test('where nobody listens it says so, tries again, and lets the access be changed', async ({ page, allowConsole }) => {
  // The refused host.
  allowConsole(/400 \(Bad Request\)/)
  await sshd.stop()
  const { detail, area } = await setAccess(page)
  await expect(detail.region.getByRole('heading', { name: 'No SSH server answers' })).toBeVisible()
  await expect(detail.region.getByText(/openssh-server/)).toBeVisible()
  // The notice has that button too, but comes and goes with every new attempt.
  await detail.button('SSH access').first().click()
  await page.getByRole('menuitem', { name: 'Change…' }).click()
  const dialog = page.getByRole('dialog', { name: `SSH access to ${NAME}` })
  await dialog.getByLabel('Host', { exact: true }).fill('-oProxyCommand=x')
  await dialog.getByRole('button', { name: 'Save and connect' }).click()
  await expect(dialog.getByText('must be a host name or an address')).toBeVisible()
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await sshd.start()
  await shellAnswers(page, area)
  await detail.button('SSH access').click()
  await page.getByRole('menuitem', { name: 'End the connection' }).click()
})
