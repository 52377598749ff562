/** What carries the contract between this window and the program behind it. */
import type { ByteStream, ContractDescription, Reply } from '@vireo/app-main/contract'

export interface Bridge {
  /** Never rejects: a failure of the transport itself is a `Reply` of kind `connection`. */
  invoke(room: string, name: string, input: unknown): Promise<Reply>
  subscribe(listener: (room: string, name: string, payload: unknown) => void): () => void
  /** Resolves when the server has opened the stream; rejects with a RemoteError. */
  openStream(room: string, name: string, input: unknown): Promise<ByteStream>
  /** Titles, preconditions and questions of every call and stream, for palette and menus. Rejects with a RemoteError. */
  describe(): Promise<ContractDescription>
  /**
   * The transport itself: false while the browser surface's server is gone. When it turns true again events were missed,
   * so whatever follows events must ask afresh.
   */
  readonly online: { get(): boolean; listen(listener: (online: boolean) => void): () => void }
}
