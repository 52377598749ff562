/** Processes of a Linux guest from /proc, in four commands whatever their number. */
import type { GuestProcess } from '@vireo/app-main/contract'
import type { Asking } from '../guest-agent.ts'
import { plainText } from '../plain-text.ts'
import { output, PRELUDE, type GuestShell } from './guest-shell.ts'

const SCRIPT = [
  'cd /proc || exit 1',
  'echo "$(cut -d" " -f1 uptime) $(getconf CLK_TCK 2>/dev/null || echo 100) $(getconf PAGESIZE 2>/dev/null || echo 4096) $$"',
  'cat [0-9]*/stat 2>/dev/null',
  'echo --vireo--',
  'grep -H ^Uid: [0-9]*/status 2>/dev/null',
  'echo --vireo--',
  // Busybox's cut ends a line at its first NUL, so those go first.
  "grep -a -H . [0-9]*/cmdline 2>/dev/null | tr '\\000' ' ' | cut -c 1-1100",
  'echo --vireo--',
  'cut -d: -f1,3 /etc/passwd 2>/dev/null || :',
].join('; ')

/** Other scripts of ours that run meanwhile, one of which becomes cat. */
const isOurs = (command: string | undefined): boolean =>
  command !== undefined &&
  (command.includes(`sh -c ${PRELUDE}`) || command.startsWith('cat /proc/loadavg /proc/uptime '))

/** From the texts that the script prints. `now` in epoch milliseconds. */
export const readProcesses = (text: string, now: number): GuestProcess[] => {
  const [first = '', uids = '', commands = '', passwd = ''] = text.split('--vireo--\n')
  const [head = '', ...stats] = first.split('\n')
  const [uptime, ticks, pageBytes, self] = head.split(' ')
  const clock = { uptime: positive(uptime, 0), ticks: positive(ticks, 100), pageBytes: positive(pageBytes, 4096) }
  const names = new Map(pairs(passwd, /^([^:]+):(\d+)$/gm).map(([user, uid]) => [uid, user]))
  const uidOf = new Map(pairs(uids, /^(\d+)\/status:Uid:\s+(\d+)/gm))
  const commandOf = new Map<string, string>()
  for (const [pid, line] of pairs(commands, /^(\d+)\/cmdline:(.*)$/gm))
    commandOf.set(pid, commandOf.has(pid) ? `${commandOf.get(pid)} ${line}` : line)
  // Our scripts and the programs they run are no news of the guest.
  const ours = new Set([...commandOf.keys()].filter(pid => isOurs(commandOf.get(pid))))
  if (self !== undefined) ours.add(self)
  const found: GuestProcess[] = []
  for (const line of stats) {
    const stat = readStat(line)
    if (!stat || ours.has(stat.pid) || ours.has(String(stat.parent))) continue
    const seconds = Math.max(0.01, clock.uptime - stat.start / clock.ticks)
    const uid = uidOf.get(stat.pid)
    const command = commandOf.get(stat.pid)
    found.push({
      pid: Number(stat.pid),
      parentPid: stat.parent,
      name: plainText(stat.name, 64),
      command: command === undefined ? null : plainText(command.trim(), 1000),
      user: uid === undefined ? null : plainText(names.get(uid) ?? uid, 64),
      cpuPercent: Math.min(100_000, (100 * (stat.cpu / clock.ticks)) / seconds),
      memoryBytes: stat.pages * clock.pageBytes,
      state: stat.state,
      startedAt: Math.round(now - seconds * 1000),
    })
  }
  return found
}

const positive = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^\d{1,12}(?:\.\d{1,6})?$/.test(text) && Number(text) > 0 ? Number(text) : otherwise

const pairs = (text: string, pattern: RegExp): [string, string][] =>
  [...text.matchAll(pattern)].map(([, one = '', two = '']) => [one, two])

/** The name stands in parentheses and may hold anything, parentheses too. */
const readStat = (line: string) => {
  const match = /^(\d{1,10}) \((.*)\) ([A-Za-z]) (.*)$/.exec(line)
  if (!match) return null
  const [, pid = '', name = '', state = '', rest = ''] = match
  const fields = rest.split(' ').map(Number)
  const [parent = 0] = fields
  const [utime = NaN, stime = NaN, start = NaN, pages = NaN] = [fields[10], fields[11], fields[18], fields[20]]
  if (![parent, utime, stime, start, pages].every(one => Number.isSafeInteger(one) && one >= 0)) return null
  return { pid, name, state, parent, cpu: utime + stime, start, pages }
}

export const shellProcesses = async (shell: GuestShell, asking: Asking): Promise<GuestProcess[]> =>
  readProcesses(await output(shell, SCRIPT, [], asking), Date.now())
