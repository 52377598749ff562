import type { Locator, Page } from '@playwright/test'

export interface HostsPage {
  open(): Promise<void>
  /** The card of a hypervisor, by the name it shows. */
  card(name: string): Locator
  /** The open dialog of an action. */
  readonly dialog: Locator
  /** What its commands have written. */
  readonly output: Locator
}

export const hostsPage = (page: Page): HostsPage => {
  const dialog = page.getByRole('dialog')
  return {
    open: () => page.getByRole('link', { name: 'Hosts' }).click(),
    card: name => page.getByRole('article', { name, exact: true }),
    dialog,
    output: dialog.getByRole('log', { name: 'Output' }),
  }
}
