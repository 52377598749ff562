/** Gives the keyboard to the list of machines, where it is shown. */
export const focusMachines = (): HTMLElement | null => {
  const grid = document.querySelector<HTMLElement>('[data-machine-grid]')
  grid?.focus()
  return grid
}
