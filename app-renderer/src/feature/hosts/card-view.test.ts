import { CardState, hostEnglish, type HostReport, type Hypervisor, type Words } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { cardOf, statusOf } from '../../store/testing-host.ts'
import {
  countChecks,
  diagnosisOf,
  explainsItself,
  hasProbe,
  installedWhat,
  probeShares,
  reportText,
  settling,
  shownIndicators,
  toneOf,
} from './card-view.ts'

const words = (key: string, values: Words['values'] = {}): Words => ({ key, values })
const run = (milliseconds: number | null) => ({ outcome: 'passed' as const, milliseconds, message: null })
const PROBE: Hypervisor['boot_probe'] = {
  kvm: { outcome: 'failed', milliseconds: null, message: 'failed to set MSR 0x10a' },
  ...{ emulation: run(400), verdict: 'fails', at: 0 },
}
const KVM = cardOf('kvm', {
  ...{
    state: 'not_working',
    installed: true,
    boot_probe: PROBE,
    why: words('why.not_working.fails', { message: 'x' }),
  },
  indicators: [
    { id: 'installed', mark: 'yes', words: words('is.installed', { what: 'libvirt 9.0.0' }) },
    { id: 'probe', mark: 'warn', words: words('is.probe.fails', { message: 'x' }) },
    { id: 'network', mark: 'no', words: words('is.network.none') },
  ],
  details: [{ label: 'label.qemu', value: '7.2' }],
})

test('only what is ready looks so, and what puzzles explains itself', () => {
  expect(CardState.options.filter(state => toneOf(state) === 'run')).toEqual(['ready'])
  expect(CardState.options.filter(state => toneOf(state) === 'fail').every(explainsItself)).toBe(true)
  expect(explainsItself('not_working')).toBe(true)
  expect(explainsItself('not_installed')).toBe(false)
})

test('the heading and the boot probe’s part are not said twice', () => {
  expect(installedWhat(KVM)).toBe('libvirt 9.0.0')
  expect(shownIndicators(KVM).map(({ id }) => id)).toEqual(['network'])
  expect(shownIndicators(cardOf('podman')).map(({ id }) => id)).toEqual(['installed'])
  const bare = { ...KVM, boot_probe: null, probing: false }
  expect(hasProbe(bare)).toBe(false)
  expect(shownIndicators(bare).map(({ id }) => id)).toEqual(['probe', 'network'])
})

test('nothing is promised before the boot probe has spoken', () => {
  const waiting = cardOf('kvm', { state: 'ready', probing: true })
  expect(settling(waiting)).toBe(true)
  expect(settling({ ...waiting, probing: false })).toBe(false)
  expect(settling({ ...waiting, boot_probe: PROBE })).toBe(false)
  expect(settling({ ...waiting, state: 'needs_init' })).toBe(false)
  expect(settling(cardOf('lxd', { state: 'ready', probing: true }))).toBe(false)
})

test('times of the boot probe are told as parts of the longest', () => {
  expect(probeShares({ kvm: run(100), emulation: run(400), verdict: 'works', at: 0 })).toEqual({
    kvm: 0.25,
    emulation: 1,
  })
  expect(probeShares(PROBE)).toEqual({ kvm: null, emulation: 1 })
})

test('a diagnosis holds all that is known, and the output of what failed', () => {
  const text = diagnosisOf({
    ...{ status: statusOf(), card: KVM, title: 'KVM / QEMU', stateWord: 'Present but not working' },
    ...{ say: hostEnglish, log: ['$ modprobe kvm', 'no'] },
  })
  expect(text.split('\n')).toEqual([
    'KVM / QEMU: Present but not working (not_working)',
    'Debian GNU/Linux 12, kernel 6.1.0',
    '',
    '+ Installed (libvirt 9.0.0)',
    '! Boot probe failed under KVM: x',
    '- No default network',
    '',
    expect.stringContaining('could not boot under it: x'),
    '',
    'QEMU: 7.2',
    '',
    '$ modprobe kvm',
    'no',
  ])
})

test('the report as text says what to do', () => {
  const check = (status: 'OK' | 'WARN', fix: Words | null): HostReport['checks'][number] => ({
    ...{ id: 'tpm', name: '', status, details: '', fix: null, action: null },
    words: { name: words('check.tpm'), details: words('say.tpm.none'), fix },
  })
  const report: HostReport = { overall: 'WARN', checks: [check('OK', null), check('WARN', words('fix.login'))] }
  expect(countChecks(report)).toEqual({ OK: 1, WARN: 1, FAIL: 0 })
  expect(reportText(report, hostEnglish)).toMatch(/^OK {3}TPM.*\nWARN TPM.*\n {5}Log out.*\n\nWARN$/)
})
