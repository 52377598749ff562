/** Asking a guest to shut down: power button, then its agent, and patience with a limit. */
import { RemoteError } from '../../contract/index.ts'
import * as v from '../../libvirt/generated/constants.ts'
import { isAgentUnresponsive, isInvalidOperation, isUnsupported } from '../../libvirt/index.ts'
import type { DomainKey, Lifecycle, Operation } from '../driver.ts'
import { waitForDomain } from '../waiting.ts'
import type { DaemonAccess } from './daemon-access.ts'
import { begin, type Step } from './step.ts'

/** How long the power button has before the agent is asked as well. */
const BUTTON_MS = 8000
/** A guest that takes longer to answer its agent is not listening. */
const AGENT_MS = 10_000

type Options = Parameters<Lifecycle['shutdown']>[1]

export const shutdown = async (
  connection: DaemonAccess,
  key: DomainKey,
  options: Options,
  operation: Operation,
): Promise<void> => {
  const step = begin(connection, key, 'shutdown')
  if (options.mode === 'auto') return ask(connection, step, options, operation)
  operation.progress(options.mode === 'acpi' ? 'Pressed the power button' : 'Asking the guest agent')
  await press(step, options.mode === 'acpi' ? BUTTON : AGENT)
  await isOff(connection, step, options.timeoutSeconds * 1000, operation.signal)
}

const BUTTON = v.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN
const AGENT = v.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT

const press = ({ daemon, ref }: Step, flags: number): Promise<void> =>
  daemon.domain.shutdownFlags(ref, flags, { deadlineMs: AGENT_MS })

const ask = async (
  connection: DaemonAccess,
  step: Step,
  { timeoutSeconds }: Options,
  operation: Operation,
): Promise<void> => {
  const limit = Date.now() + timeoutSeconds * 1000
  operation.progress('Pressed the power button')
  // Drivers without a power button choose their own way.
  await press(step, BUTTON).catch(async (error: unknown) => {
    if (!isUnsupported(error)) throw error
    await press(step, v.VIR_DOMAIN_SHUTDOWN_DEFAULT)
  })
  const first = Math.min(BUTTON_MS, limit - Date.now())
  const obeyed = await isOff(connection, step, first, operation.signal).then(
    () => true,
    (error: unknown) => {
      if (error instanceof RemoteError && error.detail.kind === 'timeout') return false
      throw error
    },
  )
  if (obeyed) return
  operation.progress('It ignores its power button; asking the guest agent')
  await press(step, AGENT).catch((error: unknown) => {
    // No agent, or it went down just now: there is still the button to wait for.
    if (!isAgentUnresponsive(error) && !isInvalidOperation(error) && !isUnsupported(error)) throw error
  })
  operation.progress('Waiting for it to go off')
  await isOff(connection, step, Math.max(0, limit - Date.now()), operation.signal, timeoutSeconds)
}

const isOff = (
  connection: DaemonAccess,
  { key, summary }: Step,
  deadlineMs: number,
  signal: AbortSignal,
  shownSeconds = Math.round(deadlineMs / 1000),
): Promise<void> =>
  waitForDomain(connection, key, one => one === undefined || ['shutoff', 'crashed', 'saved'].includes(one.state), {
    deadlineMs,
    signal,
    late: () =>
      new RemoteError({
        kind: 'timeout',
        message: `“${summary.name}” did not shut down within ${shownSeconds} seconds.`,
        hint: 'Force it off, or wait: it may still be busy shutting down.',
      }),
  })
