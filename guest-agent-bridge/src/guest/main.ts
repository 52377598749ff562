import { Agent, devicePath } from './agent.ts'
import { Children } from './children.ts'
import { defaultConfig, defaultConfigPath, type Config } from './config.ts'
import { readConfig } from './config-file.ts'
import { readBytes } from './files.ts'
import { makeLog } from './log.ts'
import { EventLoop } from './loop.ts'
import { agentVersion } from './methods/agent.ts'
import { native } from './native.ts'
import { parseOptions, usage, type Options } from './options.ts'
import { runGuard } from './quiesce/guard.ts'
import { notePath, recoverFrozen } from './quiesce/frozen-note.ts'
import { ProcessRunner } from './runner.ts'
import { failedWith, signals } from './sys.ts'
import { linux } from './sys-linux.ts'

/** As sysexits.h numbers them. */
const exits = { good: 0, usage: 64, software: 70, config: 78 } as const
const backgroundLog = '/var/log/vireo-agent.log'

const say = (fd: 1 | 2, text: string): void => {
  linux.write(fd, linux.encode(text))
}

/** Only the file that nobody named may be missing. */
const configText = (path: string): string => {
  try {
    return linux.decode(readBytes(linux, path))
  } catch (error) {
    if (path === defaultConfigPath && failedWith(error, 'ENOENT')) return '{}'
    throw new Error(`${path}: ${String(error)}`, { cause: error })
  }
}

const settings = (options: Options): { config: Config; warnings: readonly string[] } => {
  const { config, warnings } = readConfig(configText(options.config))
  const logFile = config.logFile ?? (options.foreground ? null : backgroundLog)
  const chosen = { ...config, logFile, logLevel: options.logLevel ?? config.logLevel }
  return { config: { ...chosen, devicePath: options.device ?? config.devicePath }, warnings }
}

const guard = (): void => {
  const log = makeLog(linux, defaultConfig)
  const loop = new EventLoop(linux, native.runJobs, error => {
    log.error('the guard failed', { reason: String(error) })
  })
  const runner = new ProcessRunner(linux, loop, new Children(linux, loop))
  void runGuard({ sys: linux, loop, runner }).then(
    () => {
      linux.exit(exits.good)
    },
    (error: unknown) => {
      log.error('the guard failed', { reason: String(error) })
      linux.exit(exits.software)
    },
  )
  loop.run()
}

/** The same again, without us: in a session of its own. */
const detach = (args: readonly string[]): never => {
  const path = linux.readLinkAt(-100, '/proc/self/exe')
  linux.spawn({
    path,
    args: ['vireo-agent', ...args],
    env: [...native.environment, `${detached}=1`],
    stdio: [-1, -1, -1],
  })
  return linux.exit(exits.good)
}

const detached = 'VIREO_AGENT_DETACHED'

const serve = (options: Options): void => {
  const { config, warnings } = settings(options)
  const log = makeLog(linux, config)
  for (const warning of warnings) log.warn(`${options.config}: ${warning}`)
  const loop = new EventLoop(linux, native.runJobs, error => {
    log.error('a listener failed', { reason: String(error), stack: error instanceof Error ? error.stack : undefined })
  })
  const agent = new Agent({ sys: linux, loop, log, config, trim: native.trim })
  for (const signal of [signals.SIGTERM, signals.SIGINT, signals.SIGHUP]) {
    loop.onSignal(signal, () => {
      log.info('asked to end', { signal })
      loop.stop()
    })
  }
  log.info('vireo-agent', { version: agentVersion, device: devicePath(config), pid: linux.pid, user: linux.uid })
  if (linux.uid === 0) recoverFrozen(linux, log, notePath(config))
  else log.warn('the agent does not run as root and can do less')
  agent.start()
  native.trim()
  loop.run()
  agent.stop()
  linux.exit(exits.good)
}

const main = (args: readonly string[]): void => {
  let options: Options
  try {
    options = parseOptions(args)
  } catch (error) {
    say(2, `vireo-agent: ${error instanceof Error ? error.message : String(error)}\n${usage}`)
    return linux.exit(exits.usage)
  }
  if (options.show === 'version') return say(1, `vireo-agent ${agentVersion}\n`)
  if (options.show === 'help') return say(1, usage)
  if (options.guard) return guard()
  const inBackground = native.environment.includes(`${detached}=1`)
  if (!options.foreground && !inBackground) {
    // Whoever starts us shall hear of a wrong configuration.
    settings(options)
    return detach(args)
  }
  serve(options)
}

try {
  main(native.args.slice(1))
} catch (error) {
  say(2, `vireo-agent: ${error instanceof Error ? error.message : String(error)}\n`)
  linux.exit(exits.config)
}
