import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { electronProgram, electronState } from './electron-binary.mjs'

const read = path => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

const findProgram = name => {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const path = join(folder || '.', name)
    try {
      accessSync(path, constants.X_OK)
      if (statSync(path).isFile()) return path
    } catch {
      // Not in this folder.
    }
  }
  return undefined
}

const CHROMIUM = [
  'google-chrome-stable',
  'google-chrome',
  'chromium',
  'chromium-browser',
  'brave-browser',
  'microsoft-edge-stable',
  'vivaldi-stable',
]

const findChromium = () => {
  for (const name of CHROMIUM) {
    const path = findProgram(name)
    if (path) return path
  }
  return undefined
}

/** A snap may write only below its own folder. */
const isSnap = path => path.startsWith('/snap/') || (read(path)?.slice(0, 4000).includes('/snap/') ?? false)

/** A profile of Vireo's own: the browser's windows, extensions and history stay apart from the person's. */
export const browserProfile = path =>
  isSnap(realpathSync(path)) || isSnap(path)
    ? join(homedir(), 'snap/chromium/common/vireo')
    : join(process.env.XDG_STATE_HOME || join(homedir(), '.local/state'), 'vireo/browser')

export const APPARMOR_PROFILE = '/etc/apparmor.d/vireo-electron'

/** The profile that lets this one program make user namespaces, and how to install it. */
export const apparmorFix = () =>
  [
    'To let Electron have its sandbox, install this AppArmor profile and start again:',
    `  sudo tee ${APPARMOR_PROFILE} <<'END'`,
    'abi <abi/4.0>,',
    'include <tunables/global>',
    `profile vireo-electron "${electronProgram}" flags=(unconfined) {`,
    '  userns,',
    '}',
    'END',
    `  sudo apparmor_parser -r ${APPARMOR_PROFILE}`,
  ].join('\n')

const setuidSandbox = () => {
  const stat = statSync(join(dirname(electronProgram), 'chrome-sandbox'), { throwIfNoEntry: false })
  return stat !== undefined && stat.uid === 0 && (stat.mode & 0o4755) === 0o4755
}

/** Why Chromium's sandbox inside Electron cannot work, told before it is tried; undefined when nothing speaks against it. */
const sandboxObstacle = () => {
  if (setuidSandbox()) return undefined
  if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0') return 'kernel.unprivileged_userns_clone is 0'
  if (read('/proc/sys/user/max_user_namespaces') === '0') return 'user.max_user_namespaces is 0'
  if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') !== '1') return undefined
  return read(APPARMOR_PROFILE)?.includes(electronProgram) ? undefined : 'AppArmor restricts user namespaces'
}

/** Looks around; nothing is changed. */
export const lookAround = wanted => ({
  wanted,
  root: process.getuid?.() === 0,
  display: Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY),
  electron: electronState({ again: wanted === 'electron' }),
  sandbox: sandboxObstacle(),
  chromium: findChromium(),
  opener: findProgram('xdg-open'),
})
