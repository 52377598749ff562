/** JSON-RPC 2.0 over lines, as the Vireo and the KVM Manager agents speak it: one JSON object a line, UTF-8, ended by `\n`. */

export type RpcId = string | number | null

export interface RpcRequest {
  readonly jsonrpc: '2.0'
  /** Absent in a notification, which is never answered. */
  readonly id?: RpcId
  readonly method: string
  readonly params?: unknown
}

export interface RpcFailure {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

export type RpcResponse =
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: RpcId; readonly error: RpcFailure }

/** JSON-RPC's own codes, and those that KVM Manager's agent and ours add to them. */
export const rpcCode = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  failed: -32000,
  permission: -32001,
  notFound: -32002,
  timeout: -32003,
  /** Too many requests at once, or too fast: ask again later. */
  busy: -32004,
  /** The state forbids it, for instance thawing with a wrong token. */
  precondition: -32005,
} as const
