import type { CallOptions } from './pending-call.ts'
import type { StreamOptions } from './stream.ts'
import type { Duplex } from 'node:stream'
import type { Procedure } from './wire/procedure.ts'

/** What the groups of calls (domain, network…) need of a connection. */
export interface Caller {
  call<Args, Ret>(procedure: Procedure<Args, Ret>, args: Args, options?: CallOptions): Promise<Ret>
  /** Opens a stream on a connection of its own. */
  openStream<Args, Ret>(
    procedure: Procedure<Args, Ret>,
    args: Args,
    options?: StreamOptions,
  ): Promise<{ stream: Duplex; result: Ret }>
  /** Makes a call whose answer is a descriptor; undefined where descriptors cannot be received. */
  receiveDescriptor<Args>(
    procedure: Procedure<Args, unknown>,
    args: Args,
    options?: CallOptions,
  ): Promise<Duplex | undefined>
}
