/** The boot probe: the last word on whether KVM works. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BootProbe, ProbeRun } from '../../contract/index.ts'
import type { KvmFacts } from '../kvm/facts.ts'
import type { Machine } from '../machine.ts'
import { GUEST_HEX } from './generated/guest.ts'
import { runOf, verdictOf } from './verdict.ts'

/** Firmware comes in such pieces, and its last 16 bytes are where the processor begins. */
const FIRMWARE_BYTES = 64 * 1024
/** A working KVM needs a twentieth of this. */
const KVM_MS = 5_000
/** Emulation takes a second or so; a busy computer more. */
const EMULATION_MS = 30_000
const NOT_RUN: ProbeRun = { outcome: 'not-run', milliseconds: null, message: null }

export const firmware = (): Buffer => {
  const guest = Buffer.from(GUEST_HEX, 'hex')
  return Buffer.concat([Buffer.alloc(FIRMWARE_BYTES - guest.length), guest])
}

/** Nothing but a processor, memory and the way out. */
export const probeArguments = (file: string, accelerator: 'kvm' | 'tcg', cpu: string): readonly string[] => [
  ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
  ...['-machine', `q35,accel=${accelerator}`, '-cpu', cpu, '-m', '16', '-bios', file],
  ...['-device', 'isa-debug-exit,iobase=0xf4,iosize=4'],
]

interface Bench {
  readonly machine: Machine
  readonly emulator: string
  readonly file: string
  /** `timeout` of coreutils: a guest that hangs must not outlive a Vireo that was killed meanwhile. */
  readonly timeout: string | undefined
  readonly signal: AbortSignal
}

const under = async ({ machine, emulator, file, timeout, signal }: Bench, accelerator: 'kvm' | 'tcg', cpu: string) => {
  const deadline = accelerator === 'kvm' ? KVM_MS : EMULATION_MS
  const args = probeArguments(file, accelerator, cpu)
  const begun = performance.now()
  const { commands } = machine
  const end = await (timeout
    ? commands.run(timeout, ['-s', 'KILL', `${deadline / 1000}`, emulator, ...args], deadline + 2000, signal)
    : commands.run(emulator, args, deadline, signal))
  return runOf(end, performance.now() - begun, deadline)
}

/** The host's own processor first; where QEMU cannot offer it, the plainest one that has cmpxchg16b. */
const underKvm = async (bench: Bench): Promise<ProbeRun> => {
  const first = await under(bench, 'kvm', 'host')
  if (first.outcome !== 'failed') return first
  const second = await under(bench, 'kvm', 'qemu64,+cx16')
  return second.outcome === 'passed' ? second : { ...second, message: first.message ?? second.message }
}

/**
 * Runs the guest once under KVM and once in emulation, one after the other so that neither slows the other down. Null
 * where there is nothing to run it with, or when `signal` ended it. Takes a second or two, and at most 40.
 */
export const runBootProbe = async (
  machine: Machine,
  { processor, emulators, device }: KvmFacts,
  signal: AbortSignal = new AbortController().signal,
): Promise<BootProbe | null> => {
  const emulator = emulators.find(({ architecture }) => architecture === 'x86_64')
  if (processor.architecture !== 'x86_64' || !emulator) return null
  const timeout = await machine.commands.find('timeout')
  const folder = await mkdtemp(join(tmpdir(), 'vireo-probe-'))
  try {
    const file = join(folder, 'guest.bin')
    await writeFile(file, firmware(), { mode: 0o600 })
    const bench: Bench = { machine, emulator: emulator.path, file, timeout, signal }
    const fast = device.exists && device.usable ? await underKvm(bench) : NOT_RUN
    const slow = await under(bench, 'tcg', 'max')
    return signal.aborted ? null : { kvm: fast, emulation: slow, verdict: verdictOf(fast, slow), at: Date.now() }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
