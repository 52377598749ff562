/** Puts the Vireo agent into a running machine, through whichever agent is there already. */
import { RemoteError } from '../../../contract/index.ts'
import { plainText, shellFailure, vireoDialect, type Asking } from '@vireo/guest-agent-bridge/host'
import type { AgentFiles } from './agent-files.ts'
import * as probe from './guest-probe.ts'
import { orUndo, plugChannel, RestartNeeded, type SetupContext } from './setup-context.ts'
import { FOLDERS, KEEP, PLACE, PLACE_CODES, START, UNDO } from './setup-scripts.ts'
import { agentShell, scriptIn } from './setup-shell.ts'
import { openWayIn, untilAnswers, whoAnswers, type SetupAgent } from './setup-target.ts'

/** The program goes in pieces, so that its progress is seen. */
const PIECE = 64 * 1024
/** Share of the whole at which each step begins. */
const AT = { look: 0, check: 0.05, channel: 0.1, copy: 0.15, unit: 0.75, start: 0.8, wait: 0.85 } as const

const ADVICE = 'Upgrade or remove that package inside the machine (on Debian: apt-get remove vireo-agent).'

export const installAgent = async (context: SetupContext): Promise<void> => {
  const { target, operation, version, files } = context
  const asking: Asking = { signal: operation.signal }
  operation.progress('Looking for a way into the guest', AT.look)
  const present = await whoAnswers(target, asking)
  const running = present.get('vireo')
  if (running === version) return operation.progress(`The Vireo agent ${version} runs already: nothing was changed`, 1)
  const load = await files()
  const { agent } = await openWayIn(target, 'vireo', asking)
  const installed = await through(context, agent, load).finally(() => agent.close())
  if (installed.needsRestart) throw new RestartNeeded(`The Vireo agent ${installed.version}`, target.name)
  const before = running ? ` instead of ${plainText(running, 64)}` : ''
  operation.progress(`The Vireo agent ${installed.version} answers${before}`, 1)
}

interface Installed {
  readonly version: string
  readonly needsRestart: boolean
}

const through = async (context: SetupContext, agent: SetupAgent, files: AgentFiles): Promise<Installed> => {
  const { target, operation, places } = context
  const asking: Asking = { signal: operation.signal }
  operation.progress('Checking the guest', AT.check)
  const facts = await probe.probeGuest(agent, places, asking)
  probe.requireProcessor(facts)
  probe.requireRoot(facts)
  const init = probe.requireInit(facts)
  probe.requireUnpackaged(facts, ADVICE)
  return orUndo('installing the agent', async undo => {
    operation.progress('Adding the channel', AT.channel)
    const { needsRestart } = await plugChannel(target, vireoDialect.channel, undo)
    const kept = await keep(context, agent, init)
    const ours = { config: '' }
    undo(signal => undoFiles(context, agent, { init, kept, config: ours.config }, { signal }))
    const version = await copyProgram(context, agent, files)
    operation.progress('Setting up its service', AT.unit)
    ours.config = await copySettings(context, agent, init, files)
    operation.progress('Starting its service', AT.start)
    await scriptIn(agent, START, [init, agent.dialect === 'vireo' ? '1' : '0'], asking)
    if (!needsRestart) await answers(context, version)
    await tidy(context, agent, kept)
    return { version, needsRestart }
  })
}

const keep = async (
  { places, operation }: SetupContext,
  agent: SetupAgent,
  init: probe.InitSystem,
): Promise<string> => {
  const asking = { signal: operation.signal }
  const kept = await scriptIn(agent, KEEP, [places.scratch, places.binary, places.unit[init]], asking)
  const name = kept.startsWith(`${places.scratch}/`) ? kept.slice(places.scratch.length + 1) : ''
  // It is removed with all it holds later on.
  if (/^vireo-agent-[A-Za-z0-9]{8}$/.test(name)) return kept
  throw new RemoteError({ kind: 'refused', message: 'The guest does not say where it keeps what is replaced.' })
}

const copyProgram = async (
  { operation, places }: SetupContext,
  agent: SetupAgent,
  { binary, sha256 }: AgentFiles,
): Promise<string> => {
  const asking = { signal: operation.signal }
  const pieces = async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < binary.length; at += PIECE) {
      operation.progress('Copying the agent', AT.copy + (AT.unit - AT.copy) * (at / binary.length))
      yield binary.subarray(at, at + PIECE)
    }
  }
  const file = { path: places.fresh, content: pieces(), mode: 0o755, size: binary.length }
  const written = await agent.writeFile(file, asking)
  if (written !== binary.length) throw damaged()
  const end = await agentShell(agent).run(PLACE, [places.fresh, places.binary, sha256], asking)
  if (end.code === PLACE_CODES.checksum) throw damaged()
  if (end.code === PLACE_CODES.cannotRun) throw cannotRun(end.stderr)
  if (end.code !== 0) throw shellFailure(end)
  const version = /^vireo-agent (\S{1,64})$/m.exec(end.stdout)?.[1]
  if (version === undefined) throw cannotRun(end.stdout)
  return plainText(version, 64)
}

const damaged = (): RemoteError =>
  new RemoteError({ kind: 'refused', message: 'The agent’s program did not arrive in the guest as it was sent.' })

const cannotRun = (said: string): RemoteError =>
  new RemoteError({
    kind: 'refused',
    message: `The agent’s program does not run in the guest: ${plainText(said.trim(), 200) || 'it says nothing'}.`,
  })

/** Gives the configuration's path when there was none and ours stands there now. */
const copySettings = async (
  { operation, places }: SetupContext,
  agent: SetupAgent,
  init: probe.InitSystem,
  files: AgentFiles,
): Promise<string> => {
  const asking = { signal: operation.signal }
  const write = (path: string, bytes: Buffer, mode: number) =>
    agent.writeFile({ path, content: whole(bytes), mode, createParents: true, size: bytes.length }, asking)
  const told = await scriptIn(agent, FOLDERS, [places.config, ...places.hooks], asking)
  const configured = told.includes('configured')
  if (init === 'systemd') await write(places.unit.systemd, files.systemdUnit, 0o644)
  else await write(places.unit.openrc, files.openRcScript, 0o755)
  if (!configured) await write(places.config, files.config, 0o644)
  return configured ? '' : places.config
}

const whole = async function* (bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}

const answers = async ({ target, operation, answerMs }: SetupContext, version: string): Promise<void> => {
  operation.progress('Waiting for the agent to answer', AT.wait)
  const wanted = (told: string | null) => told === version
  await untilAnswers(target, 'vireo', { signal: operation.signal, ms: answerMs, wanted })
}

interface Begun {
  readonly init: probe.InitSystem
  readonly kept: string
  readonly config: string
}

/** The agent that did it may have been the one that was replaced: then whoever answers now undoes it. */
const undoFiles = async (
  { target, places }: SetupContext,
  agent: SetupAgent,
  { init, kept, config }: Begun,
  asking: Asking,
): Promise<void> => {
  const folders = [...places.hooks, places.config.replace(/\/[^/]*$/, '')]
  const args = [init, kept, places.binary, places.unit[init], places.fresh, config, ...folders]
  try {
    await scriptIn(agent, UNDO, args, asking)
  } catch (error) {
    if (!(error instanceof RemoteError) || error.detail.kind !== 'connection') throw error
    const other = (await openWayIn(target, 'vireo', asking)).agent
    await scriptIn(other, UNDO, args, asking).finally(() => other.close())
  }
}

/** What was replaced is not needed any more; that it stays behind is no failure. */
const tidy = async ({ target, operation }: SetupContext, agent: SetupAgent, kept: string): Promise<void> => {
  const asking = { signal: operation.signal }
  const remove = (by: SetupAgent) => scriptIn(by, 'rm -rf "$1"', [kept], asking)
  await remove(agent).catch(async () => {
    const { agent: other } = await openWayIn(target, 'vireo', asking)
    await remove(other).finally(() => other.close())
  })
}
