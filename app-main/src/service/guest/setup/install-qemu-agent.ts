/** Puts the distribution's qemu-guest-agent into a running machine, through another agent. */
import { RemoteError } from '../../../contract/index.ts'
import { plainText, qemuGaDialect, type Asking } from '@vireo/guest-agent-bridge/host'
import * as probe from './guest-probe.ts'
import { INSTALL, packagerFailure, START_QEMU_AGENT } from './package-managers.ts'
import { orUndo, plugChannel, RestartNeeded, type SetupContext } from './setup-context.ts'
import { agentShell, scriptIn } from './setup-shell.ts'
import { openWayIn, untilAnswers, whoAnswers, type SetupAgent } from './setup-target.ts'

/** A slow mirror and an emulated guest take their time. */
const SECONDS = 1800
const AT = { look: 0, check: 0.05, install: 0.1, channel: 0.8, start: 0.85, wait: 0.9 } as const

export const installQemuAgent = async (context: SetupContext): Promise<void> => {
  const { target, operation } = context
  const asking: Asking = { signal: operation.signal }
  operation.progress('Looking for a way into the guest', AT.look)
  const present = (await whoAnswers(target, asking)).get('qemu-ga')
  if (present !== undefined) return operation.progress(`${titled(present)} runs already: nothing was changed`, 1)
  const { agent } = await openWayIn(target, 'qemu-ga', asking)
  await through(context, agent).finally(() => agent.close())
}

const titled = (version: string | null): string => ['qemu-guest-agent', version].filter(Boolean).join(' ')

const through = async (context: SetupContext, agent: SetupAgent): Promise<void> => {
  const { target, operation, places, answerMs } = context
  const asking: Asking = { signal: operation.signal }
  operation.progress('Checking the guest', AT.check)
  const facts = await probe.probeGuest(agent, places, asking)
  probe.requireRoot(facts)
  const init = probe.requireInit(facts, 'Install the package qemu-guest-agent inside the machine by hand.')
  const packager = requirePackager(facts)
  await install(packager, context, agent)
  const version = await orUndo('installing qemu-guest-agent', async undo => {
    operation.progress('Adding the channel', AT.channel)
    const { needsRestart } = await plugChannel(target, qemuGaDialect.channel, undo)
    operation.progress('Starting its service', AT.start)
    await scriptIn(agent, START_QEMU_AGENT, [init], asking)
    if (needsRestart) return undefined
    operation.progress('Waiting for the agent to answer', AT.wait)
    return untilAnswers(target, 'qemu-ga', { ...asking, ms: answerMs, wanted: () => true })
  })
  if (version === undefined) throw new RestartNeeded('qemu-guest-agent', target.name)
  operation.progress(`${titled(version)} answers`, 1)
}

const requirePackager = ({ packager }: probe.GuestProbe): probe.Packager => {
  if (packager !== null) return packager
  const message = `The guest has no package manager that is known here (${probe.PACKAGERS.join(', ')}).`
  throw new RemoteError({ kind: 'unsupported', message, hint: 'Install qemu-guest-agent inside the machine by hand.' })
}

/** What the package manager writes is told line by line, where the agent tells it as it comes. */
const install = async (packager: probe.Packager, { operation }: SetupContext, agent: SetupAgent): Promise<void> => {
  const title = `Installing the package with ${packager}`
  operation.progress(title, AT.install)
  let line = ''
  const onOutput = (text: string) => {
    const lines = (line + text).slice(-4096).split(/[\r\n]+/)
    line = lines.pop() ?? ''
    const last = lines.findLast(one => one.trim() !== '')
    if (last !== undefined) operation.progress(`${title}: ${plainText(last.trim(), 120)}`, AT.install)
  }
  const shell = agentShell(agent, { seconds: SECONDS, onOutput })
  const script = `LC_ALL=C; export LC_ALL; ${INSTALL[packager]}`
  const { code, stdout, stderr } = await shell.run(script, [], { signal: operation.signal })
  if (code !== 0) throw packagerFailure(packager, code, `${stdout}\n${stderr}`)
}
