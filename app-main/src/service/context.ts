/** Who asks. A surface fills this in after it has checked its caller; nothing in it comes from the request itself. */
export interface Principal {
  readonly surface: 'electron' | 'browser' | 'cli'
  /** For the audit log, for instance the login name. */
  readonly name: string
  /** May look but change nothing. */
  readonly readOnly?: boolean
}

/** What a handler knows about the request besides its input. */
export interface Context {
  readonly principal: Principal
  /** Aborted when the caller gives up or the call's deadline passes. */
  readonly signal: AbortSignal
}
