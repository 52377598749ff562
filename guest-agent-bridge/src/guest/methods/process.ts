/** Processes: list and signal. */
import { vireo } from '../../protocol/index.ts'
import { handle, type Method } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { pageOf } from './pages.ts'
import { ProcessList, startOf } from './processes.ts'

/** The kernel's start of time is told in seconds. */
const START_TOLERANCE_MS = 2000

const list = (): Method => {
  const processes = new ProcessList()
  /** The listing whose further pages somebody asks for. */
  let listing: vireo.Process[] = []
  return handle(vireo.processList, {
    run: ({ after, limit }, { sys, config }) => {
      if (after === undefined || listing.length === 0) listing = processes.take(sys)
      const taken = listing
      const start = taken.findIndex(process => process.pid > (after ?? -1))
      const page = pageOf(taken, start < 0 ? taken.length : start, limit, config, process => process)
      if (!page.more) listing = []
      return { processes: page.items, next: page.more ? (page.items.at(-1)?.pid ?? null) : null, total: taken.length }
    },
  })
}

const kill = handle(vireo.processKill, {
  audit: ['pid', 'signal'],
  run: ({ pid, signal, started_at_ms }, { sys }) => {
    if (pid === 1) throw new RpcError('precondition', 'Process 1 is the system itself')
    if (pid === sys.pid) throw new RpcError('precondition', 'This is the agent itself')
    const started = startOf(sys, pid)
    if (started === null) throw new RpcError('notFound', `No such process: ${pid}`)
    if (started_at_ms !== undefined && Math.abs(started - started_at_ms) > START_TOLERANCE_MS) {
      throw new RpcError('notFound', `Process ${pid} is another one by now`)
    }
    sys.kill(pid, signal)
    return {}
  },
})

export const processMethods = (): readonly Method[] => [list(), kill]
