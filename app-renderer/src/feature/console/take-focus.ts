/**
 * Whether a console that is ready may take the keyboard: nobody has it, the detail around it was just opened, or the pointer just
 * chose the console's tab. Who
 * walks the tabs with the keyboard, or types elsewhere, is left alone.
 */
export const mayTakeFocus = (active: Pick<Element, 'matches'> | null): boolean =>
  active === null || active.matches('body, [data-detail], [role="tab"]:not([data-focus-visible])')

/** Calls `focus` when that is allowed, after the press that led here has put its own focus; gives the canceller. */
export const takeFocus = (focus: () => void): (() => void) => {
  const frame = requestAnimationFrame(() => {
    if (mayTakeFocus(document.activeElement)) focus()
  })
  return () => cancelAnimationFrame(frame)
}
