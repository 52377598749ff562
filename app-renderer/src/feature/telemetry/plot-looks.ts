/** The window's tokens as a canvas understands them. */

export interface PlotLooks {
  readonly font: string
  readonly label: string
  readonly grid: string
  /** By tone, 1 to 3. */
  readonly tones: readonly [string, string, string]
}

/** A canvas knows neither custom properties nor `light-dark()`: what they come to is read from an element that has them. */
export const readLooks = (place: HTMLElement): PlotLooks => {
  const probe = document.createElement('span')
  place.append(probe)
  const colour = (token: string): string => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
  probe.style.fontSize = 'var(--text-xs)'
  const { fontSize, fontFamily } = getComputedStyle(probe)
  const looks: PlotLooks = {
    font: `${fontSize} ${fontFamily}`,
    label: colour('--ink-3'),
    grid: colour('--line'),
    tones: [colour('--chart-1'), colour('--chart-2'), colour('--chart-3')],
  }
  probe.remove()
  return looks
}

/** Tells when the theme changed, by the person's choice or the system's. */
export const onTheme = (listener: () => void): (() => void) => {
  const dark = matchMedia('(prefers-color-scheme: dark)')
  dark.addEventListener('change', listener)
  const chosen = new MutationObserver(listener)
  chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => {
    dark.removeEventListener('change', listener)
    chosen.disconnect()
  }
}
