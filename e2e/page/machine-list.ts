import type { Locator, Page } from '@playwright/test'

export interface MachineListPage {
  readonly grid: Locator
  readonly rows: Locator
  /** The row of the machine of exactly this name. It exists only while it is near the part that shows. */
  row(name: string): Locator
  search(text: string): Promise<void>
  /** Opens the detail of a machine. */
  open(name: string): Promise<void>
}

/** The machine list as a person sees it: by roles and names, never by class names. */
export const machineList = (page: Page): MachineListPage => {
  const grid = page.getByRole('grid', { name: 'Virtual machines' })
  const row = (name: string) => grid.getByRole('row').filter({ has: page.getByText(name, { exact: true }) })
  const rows = grid.locator('[role=row][data-id]')
  const search = async (text: string) => page.getByRole('searchbox', { name: 'Search machines' }).fill(text)
  return {
    grid,
    row,
    rows,
    search,
    open: async name => {
      await rows.first().waitFor()
      // Only what is near the part that shows has a row, and whoever runs the tests may have many machines.
      const far = (await rows.count()) > 12
      if (far) await search(name)
      await row(name).click()
      if (far) await search('')
    },
  }
}
