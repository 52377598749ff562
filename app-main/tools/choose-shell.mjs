/**
 * What is known about this computer:
 * - `wanted`: `electron`, `browser`, `none`, or undefined when nobody forced one
 * - `root`, `display`: who we are and whether windows can be opened
 * - `electron`: `{ state: 'here' | 'absent' | 'failed' | 'broken', why? }`; absent may be downloaded, failed could not be,
 *   broken was started and did not run
 * - `sandbox`: undefined when Electron's sandbox will work, else why not
 * - `chromium`, `opener`: paths of an installed browser of the Chromium family and of xdg-open, or undefined
 */

const electronObstacle = facts => {
  if (!facts.display) return 'there is no display (DISPLAY and WAYLAND_DISPLAY are empty)'
  if (facts.root) return 'Electron refuses to run as root with its sandbox on'
  if (facts.sandbox) return `the system refuses Electron its sandbox (${facts.sandbox})`
  if (facts.electron.state === 'failed')
    return `Electron is not installed and could not be downloaded (${facts.electron.why})`
  if (facts.electron.state === 'broken') return `Electron does not run here (${facts.electron.why})`
  return undefined
}

const chromiumObstacle = facts => {
  if (!facts.chromium) return 'no browser of the Chromium family is installed'
  if (facts.root) return 'Chromium refuses to run as root with its sandbox on'
  return undefined
}

const browser = (facts, reasons) => {
  if (!facts.display) return undefined
  const obstacle = chromiumObstacle(facts)
  if (!obstacle) return { shell: 'chromium', reasons }
  if (facts.opener) return { shell: 'default-browser', reasons: [...reasons, obstacle] }
  return undefined
}

const forced = facts => {
  if (facts.wanted === 'none') return { shell: 'none', reasons: ['asked for with --shell none'] }
  if (facts.wanted === 'browser') {
    if (!facts.display)
      return { error: 'Cannot open a browser: there is no display (DISPLAY and WAYLAND_DISPLAY are empty).' }
    const found = browser(facts, ['asked for with --shell browser'])
    return found ?? { error: `Cannot open a browser: ${chromiumObstacle(facts)}, and xdg-open is not there.` }
  }
  const obstacle = electronObstacle(facts)
  if (obstacle) return { error: `Cannot open Vireo in Electron: ${obstacle}.` }
  if (facts.electron.state === 'absent') return { download: true }
  return { shell: 'electron', reasons: ['asked for with --shell electron'] }
}

/**
 * Gives `{ shell, reasons }` (`electron`, `chromium`, `default-browser` or `none`), `{ download: true }` when Electron has to
 * be fetched before anything is decided, or `{ error }` when the forced shell is impossible.
 */
export const chooseShell = facts => {
  if (facts.wanted) return forced(facts)
  const obstacle = electronObstacle(facts)
  if (!obstacle) return facts.electron.state === 'absent' ? { download: true } : { shell: 'electron', reasons: [] }
  const found = browser(facts, [obstacle])
  if (found) return found
  const last = facts.display ? [chromiumObstacle(facts), 'xdg-open is not there'] : []
  return { shell: 'none', reasons: [obstacle, ...last] }
}

const NAMES = {
  electron: 'in Electron',
  chromium: 'in a browser window of its own',
  'default-browser': 'in the default browser',
  none: 'at an address',
}

/** The one line that says what was chosen and why. */
export const explainChoice = ({ shell, reasons }) =>
  `Vireo opens ${NAMES[shell]}${reasons.length > 0 ? `: ${reasons.join('; ')}` : ''}.`
