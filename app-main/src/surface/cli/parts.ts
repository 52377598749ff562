/** What the program is composed of; loaded when a command needs it. */
import type { Dispatcher } from '../../dispatch/dispatcher.ts'

export interface RunningServer {
  readonly url: string
  /** One more address; with `ownOnly` no other user of this computer can open it. */
  freshUrl(options?: { ownOnly?: boolean }): string
  readonly closed: Promise<void>
}

export interface Parts {
  readonly version: string
  /** `forwards`: this process stays, and so listens on the ports that lead into machines. */
  createBackend(options: { connections?: readonly string[] | undefined; forwards?: boolean }): Promise<Dispatcher>
  serve(options: ServeLine): Promise<RunningServer>
}

export interface ServeLine {
  readonly port?: number
  readonly host?: string
  readonly readOnly?: boolean
  readonly connections?: readonly string[] | undefined
}
