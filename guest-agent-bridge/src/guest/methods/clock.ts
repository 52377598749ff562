/** The guest's clock and time zone. */
import { vireo } from '../../protocol/index.ts'
import { readText } from '../files.ts'
import { handle, type Method, type MethodContext } from '../method.ts'
import { failedWith, here, type Sys } from '../sys.ts'

const HARDWARE_CLOCK_MS = 15_000

/** The zone's name: Debian writes it down, everywhere else /etc/localtime is a link to it. */
export const timezoneOf = (sys: Sys): string | null => {
  const written = readText(sys, '/etc/timezone')?.trim()
  if (written !== undefined && written !== '' && /^[\w+/-]{1,64}$/.test(written)) return written
  try {
    return /\/zoneinfo\/(.+)$/.exec(sys.readLinkAt(here, '/etc/localtime'))?.[1] ?? null
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'EINVAL', 'EACCES')) return null
    throw error
  }
}

const get = handle(vireo.timeGet, {
  urgent: true,
  run: (_, { sys }) => {
    const now = Math.trunc(sys.now())
    return {
      time_ms: now,
      timezone: timezoneOf(sys),
      // Never -0.
      utc_offset_seconds: 0 - 60 * new Date(now).getTimezoneOffset(),
      // systemd-timesyncd leaves this file when the clock was set from the network; others leave nothing.
      synchronized: readText(sys, '/run/systemd/timesync/synchronized') === null ? null : true,
    }
  },
})

/** A guest without one, or without the tool, keeps the clock until it ends. */
const setHardwareClock = async (context: MethodContext): Promise<void> => {
  try {
    const end = await context.runner.run({ args: ['hwclock', '--systohc', '--utc'], timeout: HARDWARE_CLOCK_MS })
    if (end.code !== 0) context.log.debug('hwclock failed', { code: end.code })
  } catch (error) {
    context.log.debug('hwclock did not run', { error: String(error) })
  }
}

const set = handle(vireo.timeSet, {
  unprivileged: false,
  audit: ['time_ms'],
  run: ({ time_ms }, context) => {
    const { sys } = context
    const before = sys.now()
    sys.setTime(time_ms)
    const after = sys.now()
    void setHardwareClock(context)
    return { time_ms: Math.trunc(after), offset_ms: Math.trunc(after - before) }
  },
})

export const clockMethods: readonly Method[] = [get, set]
