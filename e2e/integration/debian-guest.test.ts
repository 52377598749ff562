import { expect, test } from 'vitest'
import { testDomain } from '../fixture/domain.ts'
import { until } from '../fixture/wait.ts'

test('the Debian guest boots to systemd, gets an address and obeys the power button', async () => {
  await using domain = await testDomain({ kind: 'debian', prefix: 't-bench', network: 'default' })
  await domain.ready()
  expect(await domain.virsh('guestinfo', '--os')).toContain('Debian GNU/Linux 12')
  await until('an address', async () => /eth0.*ipv4\s+\d/.test(await domain.virsh('domifaddr', '--source', 'agent')))
  await domain.virsh('shutdown', '--mode', 'acpi')
  await until('the guest to power off', async () => (await domain.state()) === 'shut off', 60_000)
}, 900_000)
