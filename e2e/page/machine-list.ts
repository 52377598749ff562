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
  return {
    grid,
    row,
    rows: grid.locator('[role=row][data-id]'),
    search: async text => page.getByRole('searchbox', { name: 'Search machines' }).fill(text),
    open: async name => row(name).click(),
  }
}
