import { describe, expect, it } from 'vitest'
import type { ProbeRun } from '../../contract/index.ts'
import { runOf, verdictOf } from './verdict.ts'
import { firmware } from './run-probe.ts'
import { GUEST_HEX } from './generated/guest.ts'

const passed = (milliseconds: number): ProbeRun => ({ outcome: 'passed', milliseconds, message: null })
const end = (code: number | null, err = '') => ({ code, out: '', err })

/** What QEMU said on a computer whose KVM refuses a register of the processor it offers. */
const RECORDED_MSR = `qemu-system-x86_64: error: failed to set MSR 0x10a to 0x69
qemu-system-x86_64: ../../target/i386/kvm/kvm.c:3183: kvm_buf_set_msrs: Assertion \`ret == cpu->kvm_msr_buf->nmsrs' failed.
`

describe('the boot probe', () => {
  it.each<[string, ReturnType<typeof runOf>, Partial<ProbeRun>]>([
    ['the guest says that all is well', runOf(end(85), 40, 5000), { outcome: 'passed', milliseconds: 40 }],
    ['a step fails', runOf(end(5), 40, 5000), { outcome: 'failed', message: 'SSE2 does not work' }],
    [
      'the processor resets',
      runOf(end(0), 40, 5000),
      { outcome: 'failed', message: 'the guest’s processor reset itself' },
    ],
    ['the deadline passes', runOf(end(null), 5001, 5000), { outcome: 'timeout' }],
    ['`timeout` ends it', runOf(end(137), 5001, 5000), { outcome: 'timeout' }],
    ['QEMU aborts', runOf(end(null, RECORDED_MSR), 90, 5000), { message: 'failed to set MSR 0x10a to 0x69' }],
    ['QEMU only warns', runOf(end(1, 'qemu-kvm: warning: odd'), 9, 5000), { message: 'QEMU ended without a word' }],
    ['there is no QEMU', runOf(undefined, 1, 5000), { outcome: 'failed', message: 'QEMU could not be started' }],
  ])('when %s', (_name, run, expected) => {
    expect(run).toMatchObject(expected)
  })

  it.each([
    ['works', passed(40), passed(800)],
    ['crawls', passed(700), passed(800)],
    ['crawls', passed(9000), passed(800)],
    ['works', passed(40), { outcome: 'timeout', milliseconds: null, message: '' }],
    ['fails', { outcome: 'timeout', milliseconds: null, message: '' }, passed(800)],
    ['fails', { outcome: 'failed', milliseconds: null, message: 'x' }, passed(800)],
    ['not-possible', { outcome: 'not-run', milliseconds: null, message: null }, passed(800)],
  ] as const)('%s', (verdict, kvm, emulation) => {
    expect(verdictOf(kvm, emulation)).toBe(verdict)
  })

  it('begins where a processor begins, and is small', () => {
    expect(firmware()).toHaveLength(65_536)
    // A near jump back into the last 512 bytes.
    expect(firmware().readUInt8(65_520)).toBe(0xe9)
    expect(65_523 + firmware().readInt16LE(65_521)).toBe(65_024)
    expect(Buffer.from(GUEST_HEX, 'hex').length).toBe(512)
  })
})
