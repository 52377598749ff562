/** The agent's command line. */
import { defaultConfigPath, type LogLevel } from './config.ts'
import { logLevels } from './log.ts'

export interface Options {
  readonly config: string
  /** Null: as the configuration says. */
  readonly device: string | null
  readonly logLevel: LogLevel | null
  /** Stays where it was started, and logs to standard error unless told otherwise. */
  readonly foreground: boolean
  readonly show: 'version' | 'help' | null
  /** Not an agent but the process that thaws: started by the agent itself. */
  readonly guard: boolean
}

export const usage = `vireo-agent [options]
  -f, --foreground       stay in the foreground and log to standard error
  -c, --config FILE      configuration, ${defaultConfigPath} unless told
  -d, --device FILE      virtio port or terminal to talk on
  -l, --log-level LEVEL  ${logLevels.join(', ')}
      --version
      --help
`

const long: Readonly<Record<string, string>> = {
  '-f': '--foreground',
  '-c': '--config',
  '-d': '--device',
  '-l': '--log-level',
}

const isLevel = (text: string): text is LogLevel => logLevels.some(level => level === text)

interface Draft {
  config: string
  device: string | null
  logLevel: LogLevel | null
  foreground: boolean
  show: Options['show']
  guard: boolean
}

const flags: Readonly<Record<string, (draft: Draft) => void>> = {
  '--foreground': draft => {
    draft.foreground = true
  },
  '--version': draft => {
    draft.show = 'version'
  },
  '--help': draft => {
    draft.show = 'help'
  },
  '--quiesce-guard': draft => {
    draft.guard = true
  },
}

const values: Readonly<Record<string, (draft: Draft, value: string) => void>> = {
  '--config': (draft, value) => {
    draft.config = value
  },
  '--device': (draft, value) => {
    draft.device = value
  },
  '--log-level': (draft, value) => {
    if (!isLevel(value)) throw new Error(`no log level "${value}": ${logLevels.join(', ')}`)
    draft.logLevel = value
  },
}

/** Throws, with a sentence for people, what is no command line of ours. */
export const parseOptions = (args: readonly string[]): Options => {
  const draft: Draft = {
    config: defaultConfigPath,
    device: null,
    logLevel: null,
    foreground: false,
    show: null,
    guard: false,
  }
  const rest = args.flatMap(arg => {
    const equals = arg.startsWith('--') ? arg.indexOf('=') : -1
    return equals < 0 ? [arg] : [arg.slice(0, equals), arg.slice(equals + 1)]
  })
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const name = long[arg] ?? arg
    const value = values[name]
    const flag = flags[name]
    if (value) {
      const given = rest.shift()
      if (given === undefined) throw new Error(`${name} needs a value`)
      value(draft, given)
    } else if (flag) flag(draft)
    else throw new Error(`unknown option ${arg}`)
  }
  return draft
}
