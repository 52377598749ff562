import type { Locator, Page } from '@playwright/test'

export interface ImagesPage {
  open(): Promise<void>
  readonly dialog: Locator
  /** Of an image that is here; `name` is the beginning of its row. */
  here(name: string): Locator
  /** Of a system of the catalogue. */
  system(name: string): Locator
  field(label: string): Locator
  /** Opens the dialog that adds an image, and says from where it comes. */
  add(from: string): Promise<void>
  /** Chooses in the menu of an image or a system. */
  choose(name: string, action: string): Promise<void>
}

export const imagesPage = (page: Page): ImagesPage => {
  const dialog = page.getByRole('dialog')
  const main = page.getByRole('main')
  const row = (table: string, name: string): Locator =>
    main.getByRole('table', { name: table }).getByRole('row', { name: new RegExp(`^${name}`) })
  return {
    dialog,
    open: () => page.getByRole('link', { name: 'Images' }).click(),
    here: name => row('Here', name),
    system: name => row('Catalogue', name),
    field: label => dialog.getByRole('textbox', { name: label, exact: true }),
    async add(from) {
      await main.getByRole('button', { name: 'Add image' }).click()
      await dialog.getByRole('button', { name: /From/ }).click()
      await page.getByRole('option', { name: from }).click()
    },
    async choose(name, action) {
      await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click()
      await page.getByRole('menuitem', { name: action }).click()
    },
  }
}
