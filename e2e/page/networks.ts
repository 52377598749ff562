import type { Locator, Page } from '@playwright/test'

export interface NetworksPage {
  open(): Promise<void>
  readonly dialog: Locator
  row(name: string): Locator
  field(label: string): Locator
  /** Chooses in the menu of a network. */
  choose(name: string, action: string): Promise<void>
}

export const networksPage = (page: Page): NetworksPage => {
  const dialog = page.getByRole('dialog')
  return {
    dialog,
    open: () => page.getByRole('link', { name: 'Networks' }).click(),
    row: name => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) }),
    field: label => dialog.getByRole('textbox', { name: label, exact: true }),
    async choose(name, action) {
      await page.getByRole('button', { name: `Actions for ${name}` }).click()
      await page.getByRole('menuitem', { name: action }).click()
    },
  }
}
