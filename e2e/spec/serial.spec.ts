import { readFile } from 'node:fs/promises'
import { machineDetail, terminalText } from '../page/machine-detail.ts'
import { machineList } from '../page/machine-list.ts'
import { testDomain, type TestDomain } from '../fixture/domain.ts'
import { expect, test } from '../fixture/test.ts'
import type { Page } from '@playwright/test'

test.use({ connections: ['qemu:///system'] })
test.describe.configure({ timeout: 180_000 })

let guest: TestDomain

test.beforeAll(async () => {
  guest = await testDomain({ prefix: 't-serial', virtioConsole: true })
  await guest.ready()
})
test.afterAll(async () => {
  await guest.dispose()
})
test.beforeEach(async ({ context }) => {
  // Without WebGL the terminal draws text that a test can read; the last test is about WebGL.
  await context.addInitScript(() => {
    const getContext = Reflect.get(HTMLCanvasElement.prototype, 'getContext')
    Reflect.set(HTMLCanvasElement.prototype, 'getContext', function (this: HTMLCanvasElement, ...given: unknown[]) {
      return given[0] === 'webgl2' && !sessionStorage.getItem('webgl') ? null : Reflect.apply(getContext, this, given)
    })
    // Where tests run the processor draws, and a terminal would not have that.
    const getParameter = Reflect.get(WebGL2RenderingContext.prototype, 'getParameter')
    Reflect.set(WebGL2RenderingContext.prototype, 'getParameter', function (this: unknown, ...given: unknown[]) {
      const named = given[0] === 0x9246 && sessionStorage.getItem('webgl') === 'card'
      return named ? 'A graphics card' : Reflect.apply(getParameter, this, given)
    })
  })
})

/** Opens the guest's serial console and waits for its shell. */
const openConsole = async (page: Page, alias?: string) => {
  await machineList(page).open(guest.name)
  const detail = machineDetail(page, guest.name)
  await detail.tab('Serial')
  const area = detail.region.getByRole('group', { name: `Serial console of ${guest.name}` })
  if (alias) {
    await detail.region.getByRole('button', { name: /^serial0/ }).click()
    await page.getByRole('option', { name: alias }).click()
  }
  await area.getByRole('textbox').focus()
  await expect(async () => {
    await page.keyboard.press('Enter')
    expect(await terminalText(area)).toContain('vireo# ')
  }).toPass()
  return { detail, area }
}
/** Types a command; the marker is put together by the guest, so that its echo is no answer. */
const ask = async (page: Page, command: string) => {
  await page.keyboard.type(command)
  await page.keyboard.press('Enter')
}

test('what is typed reaches the guest, and its answer is shown', async ({ page, axe }) => {
  const { area } = await openConsole(page)
  await ask(page, 'echo an-$((40+2))-swer')
  await expect.poll(() => terminalText(area)).toContain('an-42-swer')
  await axe('section[aria-label^="Machine"]')
})

test('a press on the tab gives the keyboard to the terminal, arrows on the tabs do not', async ({ page }) => {
  const { detail, area } = await openConsole(page)
  await detail.tab('Overview')
  await detail.tab('Serial')
  await expect(area.getByRole('textbox')).toBeFocused()
  await detail.tab('Overview')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(area).toBeVisible()
  await expect(detail.region.getByRole('tab', { name: 'Serial' })).toBeFocused()
})

test('keys of the window go to the guest until the release chord', async ({ page }) => {
  const { detail, area } = await openConsole(page)
  await page.keyboard.press('Control+k')
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeHidden()
  for (const key of ['Control', 'Alt', 'Shift']) await page.keyboard.down(key)
  for (const key of ['Shift', 'Alt', 'Control']) await page.keyboard.up(key)
  await expect(area.getByRole('textbox')).not.toBeFocused()
  await expect(detail.region.getByRole('toolbar').getByRole('button').first()).toBeFocused()
  await page.keyboard.press('Control+k')
  await expect(page.getByRole('dialog')).toBeVisible()
})

test('a flood leaves the window responsive, and input is heard', async ({ page }) => {
  const { area } = await openConsole(page, 'console1')
  await ask(page, 'flood')
  await expect.poll(() => terminalText(area)).toContain('vireo-flood')
  // The window still does its own work while the guest sends as fast as it can.
  const detail = machineDetail(page, guest.name)
  await detail.tab('Overview')
  await expect(detail.region.getByText(guest.uuid)).toBeVisible()
  await detail.tab('Serial')
  await area.getByRole('textbox').focus()
  await page.keyboard.press('Control+c')
  await expect(async () => {
    await ask(page, 'echo over-$((1+1))')
    expect(await terminalText(area)).toContain('over-2')
  }).toPass()
})

// On the serial port: QEMU drops what a full virtio console cannot take, but makes a serial port wait.
test('what a busy guest writes is all there in the saved file', async ({ page }) => {
  const { detail, area } = await openConsole(page)
  await ask(page, 'clear; flood 300')
  await expect.poll(() => terminalText(area), { timeout: 60_000 }).toContain('FLOOD-END')
  const download = page.waitForEvent('download')
  await detail.button(/^Save the output/).click()
  const path = await (await download).path()
  const numbers = [...(await readFile(path, 'utf8')).matchAll(/^(\d{8}) 0{5}/gm)].map(([, number]) => Number(number))
  expect(numbers.at(-1)).toBe(300)
  expect(numbers).toEqual(Array.from({ length: 300 }, (_, at) => at + 1))
})

test('the output is searched, and the search gives the keyboard back', async ({ page }) => {
  const { detail, area } = await openConsole(page)
  await ask(page, 'for i in 1 2 3; do echo needle-$i-here; done')
  await expect.poll(() => terminalText(area)).toContain('needle-3-here')
  await page.keyboard.press('Control+Shift+F')
  const search = detail.region.getByRole('searchbox', { name: 'Find' })
  await expect(search).toBeFocused()
  await search.fill('-here')
  await expect(detail.region.getByRole('search').getByRole('status')).toHaveText(/^\d+ of \d+$/)
  await search.fill('no such thing')
  await expect(detail.region.getByRole('search').getByRole('status')).toHaveText('No match')
  await search.press('Escape')
  await expect(area.getByRole('textbox')).toBeFocused()
})

test('hostile output changes nothing but the terminal', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const { area } = await openConsole(page)
  const title = await page.title()
  await page.evaluate(() => navigator.clipboard.writeText('mine'))
  await area.getByRole('textbox').focus()
  // A title, a clipboard write, a window resize, and questions about sizes and colours.
  const hostile = String.raw`\033]0;evil\007\033]52;c;ZXZpbA==\007\033[8;5;5t\033[18t\033[21t\033]11;?\007`
  await ask(page, `printf '${hostile}'; echo; echo still-$((5*5))`)
  await expect.poll(() => terminalText(area)).toContain('still-25')
  expect(await page.title()).toBe(title)
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine')
})

test('the console comes back by itself when the machine is started again', async ({ page }) => {
  const { detail, area } = await openConsole(page)
  await guest.destroy()
  await expect(detail.region.getByText(`${guest.name} is off`)).toBeVisible()
  await guest.start()
  await guest.ready()
  await area.getByRole('textbox').focus()
  await expect(async () => {
    await page.keyboard.press('Enter')
    expect(await terminalText(area)).toContain('vireo# ')
  }).toPass({ timeout: 60_000 })
})

/** The console in a page whose WebGL is drawn by a card, as it says, or by the processor. */
const consoleDrawnBy = async (page: Page, webgl: 'card' | 'processor') => {
  await page.evaluate(kind => sessionStorage.setItem('webgl', kind), webgl)
  await page.reload()
  await machineList(page).open(guest.name)
  const { region, tab } = machineDetail(page, guest.name)
  await tab('Serial')
  const area = region.getByRole('group', { name: `Serial console of ${guest.name}` })
  const input = area.getByRole('textbox')
  await input.focus()
  await expect(input).toBeFocused()
  return { input, picture: area.locator('.xterm-screen canvas') }
}

test('the terminal draws with WebGL while it has focus, and without it when not', async ({ page }) => {
  const { input, picture } = await consoleDrawnBy(page, 'card')
  const can = await page.evaluate(() => document.createElement('canvas').getContext('webgl2') !== null)
  await expect(picture).toHaveCount(can ? 2 : 0)
  await input.blur()
  await expect(picture).toHaveCount(0)
})

test('a terminal does not draw with WebGL where the processor would do it', async ({ page }) => {
  const { picture } = await consoleDrawnBy(page, 'processor')
  await expect(picture).toHaveCount(0)
})
