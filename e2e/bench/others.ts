/** What else the computer does: figures of a busy one are marked. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Time that all processors were busy and that they had, in clock ticks, from the first line of /proc/stat. */
export const processorTime = (stat: string): { busy: number; all: number } => {
  const ticks = (/^cpu +(.*)$/m.exec(stat)?.[1] ?? '').split(' ').map(Number)
  // Guest time is within user time. Idle and waiting for disks are not busy.
  const all = ticks.slice(0, 8).reduce((sum, time) => sum + time, 0)
  return { busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0), all }
}

/** Above this share of all processors others are at work, in percent. */
export const BUSY = 10

/** Percent of all processors that were busy for a second in which we do nothing. */
export const othersBusy = async (): Promise<number> => {
  const before = processorTime(await readFile('/proc/stat', 'utf8'))
  await sleep(1000)
  const after = processorTime(await readFile('/proc/stat', 'utf8'))
  return ((after.busy - before.busy) / (after.all - before.all)) * 100
}
