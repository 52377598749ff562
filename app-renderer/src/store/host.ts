/** What this computer can run machines with. Nothing is looked at before somebody wants to see it. */
import type {
  AppError,
  HostAction,
  HostLog,
  HostReport,
  HostStatus,
  HypervisorName,
  VireoClient,
} from '@vireo/app-main/contract'
import { createStore, type StoreApi } from 'zustand/vanilla'
import { appErrorOf } from './app-error.ts'

export const HYPERVISORS = ['kvm', 'lxd', 'virtualbox', 'podman', 'docker'] as const satisfies readonly HypervisorName[]

/** An action that a person is asked about, or whose course they watch. */
export interface AskedAction {
  readonly hypervisor: HypervisorName
  readonly action: HostAction
  readonly undo: boolean
  /** Shows what the newest action says instead of what this one would do. */
  readonly watch?: boolean
}

export interface HostState {
  readonly status: HostStatus | null
  /** Why the last look failed. */
  readonly error: AppError | null
  /** A look that a person asked for is under way. */
  readonly looking: boolean
  readonly report: HostReport | null
  readonly reportError: AppError | null
  readonly examining: boolean
  /** The newest action on each hypervisor. */
  readonly logs: ReadonlyMap<HypervisorName, HostLog>
  readonly asked: AskedAction | null
}

export interface HostStore {
  readonly state: StoreApi<HostState>
  /** Asks for what is known; slow probes follow as events. */
  look(): Promise<void>
  /** Looks at everything again, the boot probe included. */
  detect(): Promise<void>
  /** Has every check done. */
  examine(): Promise<void>
  /** After events were missed: asks again for what had been asked for. */
  reload(): Promise<void>
  ask(asked: AskedAction | null): void
}

const NOTHING: HostState = {
  ...{ status: null, error: null, looking: false, report: null, reportError: null, examining: false },
  ...{ logs: new Map<HypervisorName, HostLog>(), asked: null },
}

export const createHostStore = (client: VireoClient): HostStore => {
  const state = createStore<HostState>(() => NOTHING)
  /** Counts the news: an answer that was asked for before them is older. */
  let news = 0
  let wanted = false
  const receive = (status: HostStatus): void => {
    news++
    state.setState({ status, error: null })
  }
  const setLog = (hypervisor: HypervisorName, log: HostLog | null): void =>
    state.setState(({ logs }) => {
      const next = new Map(logs)
      if (log) next.set(hypervisor, log)
      else next.delete(hypervisor)
      return { logs: next }
    })
  client.host.changed(receive)
  client.host.logged(log => setLog(log.hypervisor, log))

  const answer = async (ask: () => Promise<HostStatus>): Promise<void> => {
    const before = news
    try {
      const status = await ask()
      if (news === before) receive(status)
    } catch (thrown) {
      state.setState({ error: appErrorOf(thrown) })
    }
  }
  const loadLogs = (): Promise<unknown> =>
    Promise.all(
      HYPERVISORS.map(async hypervisor => {
        const before = state.getState().logs.get(hypervisor)
        const log = await client.host.log({ hypervisor }).catch(() => undefined)
        if (log !== undefined && state.getState().logs.get(hypervisor) === before) setLog(hypervisor, log)
      }),
    )
  const look = async (): Promise<void> => {
    wanted = true
    await Promise.all([answer(() => client.host.status({ partial: true })), loadLogs()])
  }
  const examine = async (): Promise<void> => {
    state.setState({ examining: true })
    try {
      state.setState({ report: await client.host.check({}), reportError: null })
    } catch (thrown) {
      state.setState({ reportError: appErrorOf(thrown) })
    } finally {
      state.setState({ examining: false })
    }
  }
  return {
    state,
    look,
    examine,
    async detect() {
      if (state.getState().looking) return
      state.setState({ looking: true })
      await answer(() => client.host.detect({}))
      state.setState({ looking: false })
    },
    async reload() {
      if (wanted) await look()
    },
    ask: asked => state.setState({ asked }),
  }
}
