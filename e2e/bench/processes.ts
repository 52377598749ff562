/** What processes cost, from /proc. */
import { readdir, readFile } from 'node:fs/promises'

export interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** A process may end while one looks at it. */
const read = async (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

const listProcesses = async (): Promise<Process[]> => {
  const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0)
  return Promise.all(
    pids.map(async pid => {
      // The name, in brackets, may hold anything.
      const [, parent] = / [A-Za-z] (\d+)/.exec((await read(`/proc/${pid}/stat`)).replace(/^.*\)/s, '')) ?? []
      return { pid, parent: Number(parent ?? 0), command: (await read(`/proc/${pid}/cmdline`)).replaceAll('\0', ' ') }
    }),
  )
}

/** A process with all its descendants. */
export const processTree = async (root: number): Promise<Process[]> => {
  const all = await listProcesses()
  const tree = all.filter(process => process.pid === root)
  for (const process of tree) tree.push(...all.filter(({ parent }) => parent === process.pid))
  return tree
}

/** Milliseconds that all threads of these processes have had a processor, to the nanosecond: a clock tick is too coarse. */
export const cpuTime = async (pids: readonly number[]): Promise<number> => {
  let nanoseconds = 0
  for (const pid of pids) {
    for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
      nanoseconds += Number((await read(`/proc/${pid}/task/${thread}/schedstat`)).split(' ')[0] ?? 0)
    }
  }
  return nanoseconds / 1e6
}

/** Megabytes (1,000,000 bytes) resident, pages shared with other processes counted in part. */
export const memoryMegabytes = async (pids: readonly number[]): Promise<number> => {
  let kibibytes = 0
  for (const pid of pids) kibibytes += Number(/^Pss:\s+(\d+)/m.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0)
  return (kibibytes * 1024) / 1e6
}
