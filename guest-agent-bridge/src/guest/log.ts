/** The agent's log: to standard error, or to a file that is rotated. Never a password, never a file's content. */
export interface Log {
  trace(message: string, facts?: object): void
  debug(message: string, facts?: object): void
  info(message: string, facts?: object): void
  warn(message: string, facts?: object): void
  error(message: string, facts?: object): void
}
