/** The agent's log: to standard error, or to a file that is rotated. Never a password, never a file's content. */
import type { Config, LogLevel } from './config.ts'
import { failedWith, here, SysError, type Sys } from './sys.ts'

export interface Log {
  trace(message: string, facts?: object): void
  debug(message: string, facts?: object): void
  info(message: string, facts?: object): void
  warn(message: string, facts?: object): void
  error(message: string, facts?: object): void
  /** Keeps entries in memory until what it gives is called: while filesystems are frozen a write would stop the agent. */
  hold(): () => void
}

export const logLevels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']

type Settings = Pick<Config, 'logLevel' | 'logFormat' | 'logFile' | 'logMaxBytes' | 'logMaxFiles'>

const STANDARD_ERROR = 2
/** A host may name things of any length. */
const MAX_LINE = 4096
/** So many entries wait in memory. */
const MAX_HELD = 200

/** What a person reads in the journal, or one JSON object. Control characters are escaped either way: one entry, one line. */
export const formatEntry = (
  format: 'json' | 'pretty',
  time: number,
  level: LogLevel,
  message: string,
  facts?: object,
): string => {
  const at = new Date(time).toISOString()
  if (format === 'json') {
    const whole = JSON.stringify({ ...facts, time: at, level, message })
    // Half an object would be none.
    return whole.length <= MAX_LINE
      ? whole
      : JSON.stringify({ time: at, level, message: message.slice(0, 500), cut: true })
  }
  const pairs = Object.entries(facts ?? {}).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
  const text = `${message}${pairs.join('')}`.slice(0, MAX_LINE)
  return `${at} ${level} ${text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?')}`
}

/** `<file>`, `<file>.1` ... up to `maxFiles` old ones, the oldest dropped. */
class LogFile {
  readonly #sys: Sys
  readonly #settings: Settings & { readonly logFile: string }
  #fd = -1
  #size = 0

  constructor(sys: Sys, settings: Settings & { readonly logFile: string }) {
    this.#sys = sys
    this.#settings = settings
    this.#open()
  }

  write(bytes: Uint8Array): void {
    if (this.#size > 0 && this.#size + bytes.length > this.#settings.logMaxBytes) this.#rotate()
    this.#sys.write(this.#fd, bytes)
    this.#size += bytes.length
  }

  #open(): void {
    const { writeOnly, create, append, noFollow, nonBlock } = this.#sys.open
    const fd = this.#sys.openAt(here, this.#settings.logFile, writeOnly | create | append | noFollow | nonBlock, 0o600)
    const { kind, size } = this.#sys.statOf(fd)
    if (kind !== 'file') {
      this.#sys.close(fd)
      throw new SysError(22, 'log')
    }
    this.#fd = fd
    this.#size = size
  }

  /** When no new file can be made (no descriptor is left, or no room), the old one goes on under its new name until it is as long again. */
  #rotate(): void {
    const old = this.#fd
    this.#size = 0
    const { logFile, logMaxFiles } = this.#settings
    const name = (index: number): string => (index === 0 ? logFile : `${logFile}.${index}`)
    for (let index = logMaxFiles; index > 0; index--) this.#rename(name(index - 1), name(index))
    if (logMaxFiles === 0) this.#remove(logFile)
    this.#open()
    this.#sys.close(old)
  }

  #remove(path: string): void {
    try {
      this.#sys.removeAt(here, path, 'file')
    } catch (error) {
      if (!failedWith(error, 'ENOENT')) throw error
    }
  }

  #rename(from: string, to: string): void {
    try {
      this.#sys.renameAt(here, from, here, to)
    } catch (error) {
      if (!failedWith(error, 'ENOENT')) throw error
    }
  }
}

/** A log file that cannot be opened, or is full, leaves standard error. */
export const makeLog = (sys: Sys, settings: Settings): Log => {
  const least = logLevels.indexOf(settings.logLevel)
  let file: LogFile | null = null
  const toError = (text: string): void => {
    try {
      sys.write(STANDARD_ERROR, sys.encode(text))
    } catch {
      // Nobody is there to be told.
    }
  }
  let held: string[] | null = null
  const put = (text: string): void => {
    try {
      if (file) file.write(sys.encode(text))
      else toError(text)
    } catch {
      toError(text)
    }
  }
  const write = (level: LogLevel, message: string, facts?: object): void => {
    if (logLevels.indexOf(level) < least) return
    const text = `${formatEntry(settings.logFormat, sys.now(), level, message, facts)}\n`
    if (held === null) put(text)
    else if (held.length < MAX_HELD) held.push(text)
  }
  const hold = (): (() => void) => {
    held ??= []
    return () => {
      const kept = held ?? []
      held = null
      for (const text of kept) put(text)
    }
  }
  const { logFile } = settings
  if (logFile !== null) {
    try {
      file = new LogFile(sys, { ...settings, logFile })
    } catch (error) {
      write('warn', 'the log file cannot be opened', { file: logFile, reason: String(error) })
    }
  }
  const at =
    (level: LogLevel) =>
    (message: string, facts?: object): void => {
      write(level, message, facts)
    }
  return { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), hold }
}
