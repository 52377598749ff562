import { readFile } from 'node:fs/promises'
import { expect, type Locator, type Page } from '@playwright/test'

export interface MachineDetailPage {
  /** The part of the window that is about this machine. */
  readonly region: Locator
  button(name: string | RegExp): Locator
  /** Selects a tab. */
  tab(
    name: 'Overview' | 'Screen' | 'Serial' | 'Console' | 'Terminal' | 'Guest' | 'Files' | 'Commands' | 'XML',
  ): Promise<void>
  /** Chooses from the menu of further actions. */
  choose(item: string): Promise<void>
}

/** A machine's detail as a person sees it. */
export const machineDetail = (page: Page, name: string): MachineDetailPage => {
  const region = page.getByRole('region', { name: `Machine ${name}` })
  return {
    region,
    button: button => region.getByRole('button', { name: button, exact: typeof button === 'string' }),
    tab: async tab => region.getByRole('tab', { name: tab, exact: true }).click(),
    choose: async item => {
      await region.getByRole('button', { name: 'More actions' }).click()
      await page.getByRole('menuitem', { name: item, exact: true }).click()
    },
  }
}

/** What stands on a terminal, as lines; only what is visible. */
export const terminalText = async (area: Locator): Promise<string> =>
  area.locator('.xterm').evaluate(element => {
    const rows = element.querySelector('.xterm-rows')
    return [...(rows?.children ?? [])].map(row => row.textContent).join('\n')
  })

/** All that a serial console remembers, from the file it saves: whatever draws it, and above what is visible too. */
export const savedOutput = async (region: Locator): Promise<string> => {
  const download = region.page().waitForEvent('download')
  await region.getByRole('button', { name: 'Save the output to a file' }).click()
  return readFile(await (await download).path(), 'utf8')
}

/** How many different colours a canvas shows; one means that it is blank. */
export const coloursOf = async (canvas: Locator): Promise<number> =>
  canvas.evaluate(element => {
    if (!(element instanceof HTMLCanvasElement) || element.width === 0) return 0
    const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? []
    const colours = new Set<number>()
    for (let at = 0; at < pixels.length; at += 4) {
      colours.add(((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0))
    }
    return colours.size
  })

/** Waits until the guest has drawn something. */
export const expectPicture = async (canvas: Locator): Promise<void> =>
  expect.poll(() => coloursOf(canvas), { timeout: 30_000 }).toBeGreaterThan(1)
