import type { Locator, Page } from '@playwright/test'

export interface CreatePage {
  readonly dialog: Locator
  /** By the button above the list. */
  open(): Promise<void>
  step(name: string): Promise<void>
  field(label: string): Locator
  button(name: string): Locator
  /** Chooses in a list of choices; `option` is the beginning of its name. */
  choose(label: string, option: string): Promise<void>
}

export const createPage = (page: Page): CreatePage => {
  const dialog = page.getByRole('dialog')
  return {
    dialog,
    open: () => page.getByRole('main').getByRole('button', { name: 'New machine' }).first().click(),
    step: name =>
      dialog
        .getByRole('navigation')
        .getByRole('button', { name: new RegExp(`^${name}`) })
        .click(),
    field: label => dialog.getByRole('textbox', { name: label, exact: true }),
    button: name => dialog.getByRole('button', { name, exact: true }),
    async choose(label, option) {
      await dialog.getByRole('button', { name: label }).click()
      await page.getByRole('option', { name: new RegExp(`^${option}`) }).click()
    },
  }
}
