/** A line per fact on standard error. Callers pass no secrets: fields are written as they are. */
const LEVELS = ['debug', 'info', 'warn', 'error'] as const
type Level = (typeof LEVELS)[number]
type Fields = Readonly<Record<string, unknown>>

export interface Log {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
}

const isLevel = (text: string | undefined): text is Level => LEVELS.includes(text as Level)
// Also C1: some terminals take U+009B for the beginning of an escape sequence.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g

const show = (value: unknown): string => {
  if (value instanceof Error) return value.stack ?? value.message
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}

/**
 * Writes lines `time LEVEL area: message key=value`. `VIREO_LOG` chooses the least level written: `debug`, `info`,
 * `warn` (default) or `error`.
 */
export const createLog = (area: string, write: (line: string) => void = line => process.stderr.write(line)): Log => {
  const least = LEVELS.indexOf(isLevel(process.env['VIREO_LOG']) ? process.env['VIREO_LOG'] : 'warn')
  const at = (level: Level) => (message: string, fields?: Fields) => {
    if (LEVELS.indexOf(level) < least) return
    const tail = Object.entries(fields ?? {}).map(([key, value]) => ` ${key}=${show(value)}`)
    const line = `${new Date().toISOString()} ${level.toUpperCase()} ${area}: ${message}${tail.join('')}`
    write(`${line.replace(CONTROL, '\ufffd')}\n`)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
