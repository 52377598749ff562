import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HostPlan, HostReport, HostStatus } from '@vireo/app-main/contract'
import { run } from '../fixture/run.ts'
import { cli, type Cli } from '../fixture/cli-user.ts'

/** virsh fills shorter names up with blanks. */
const poolNames = async (): Promise<string[]> => {
  const out = await run('virsh', ['-c', 'qemu:///system', 'pool-list', '--all', '--name'])
  return out
    .split('\n')
    .map(name => name.trim())
    .filter(Boolean)
}

/** What this computer is like nobody knows beforehand: the answers are held against what its own tools say. */
describe('this computer', () => {
  let vireo: Cli
  beforeAll(async () => void (vireo = await cli()))
  afterAll(() => vireo[Symbol.asyncDispose]())

  it('is told as it is, the boot probe included', async () => {
    const before = await poolNames()
    const { code, out } = await vireo.run(['host', 'status', '--json'])
    expect(code).toBe(0)
    const status = HostStatus.parse(JSON.parse(out))
    const { kvm } = status.hypervisors
    const version = /(\d+\.\d+\.\d+)/.exec(await run('virsh', ['--version']))?.[1]
    expect(kvm).toMatchObject({ installed: true, running: true, management: 'libvirt', version, probing: false })
    expect(kvm.boot_probe?.emulation).toMatchObject({ outcome: 'passed' })
    // Ready, or a word about why machines are slow; what it must not be is silent about a KVM that fails.
    const verdict = kvm.boot_probe?.verdict
    const expected = {
      works: 'ready',
      fails: 'not_working',
      crawls: 'not_working',
      'not-possible': 'emulation_only',
    } as const
    expect(kvm.state).toBe(verdict && expected[verdict])
    expect(status.default_hypervisor).toBe('kvm')
    // Other tests make pools, and remove them.
    const after = await poolNames()
    const pools = before.filter(name => after.includes(name))
    const told = kvm.details.find(({ label }) => label === 'label.pools')?.value ?? ''
    for (const pool of pools) expect(told).toContain(pool)
  })

  it('is checked, and the exit code tells whether something failed', async () => {
    const { code, out } = await vireo.run(['host', 'check', '--json'])
    const report = HostReport.parse(JSON.parse(out))
    expect(code).toBe(report.overall === 'FAIL' ? 1 : 0)
    expect(report.checks.find(({ id }) => id === 'libvirt')).toMatchObject({ status: 'OK', fix: null })
    expect(report.checks.find(({ id }) => id === 'network')?.status).toBe('OK')
  })

  it('shows the commands of an action, and runs none without a yes', async () => {
    const action = ['--hypervisor', 'kvm', '--action', 'install']
    const { out } = await vireo.run(['host', 'plan', ...action, '--json'])
    const plan = HostPlan.parse(JSON.parse(out))
    expect(plan.commands.at(-1)).toMatch(/qemu/)
    const fix = await vireo.run(['host', 'fix', ...action])
    expect(fix).toMatchObject({ code: 2, out: '' })
    expect(fix.err).toContain(plan.commands.at(-1))
    const refused = await vireo.run(['host', 'fix', '--hypervisor', 'lxd', '--action', 'load-modules', '--yes'])
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('about KVM only') })
    expect((await vireo.run(['host', 'plan', '--hypervisor', 'xen', '--action', 'start'])).code).toBe(2)
  })
})
