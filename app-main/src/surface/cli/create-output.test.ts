import { expect, it } from 'vitest'
import { bootLine, copiedText, phaseLine } from './create-output.ts'

it('tells each stage of a first start in a line, as plain text', () => {
  expect(bootLine('address', 'done', '192.168.122.7')).toBe('address: 192.168.122.7')
  expect(bootLine('running', 'done', null)).toBe('runs')
  expect(bootLine('ssh', 'skipped', 'It runs on another host.')).toBe(
    'not waited for: SSH answers: It runs on another host.',
  )
  expect(bootLine('cloud-init', 'done', 'x\u001b[31m')).not.toContain('\u001b')
  // The failure itself says more.
  expect(bootLine('agent', 'failed', 'Nobody answers.')).toBeNull()
})

it('tells what a machine says on its serial line as one line of plain text', () => {
  expect(phaseLine({ phase: 'kernel', line: '[ 0.000000] Linux version 6.1' })).toBe(
    '  kernel: [ 0.000000] Linux version 6.1',
  )
  expect(phaseLine({ phase: 'stopped', line: 'a\u001b[2J\nb' })).not.toMatch(/[\u001b\n]/)
})

it('tells why a source is copied, and what would let it lie, as plain text', () => {
  const copied = { path: '/home/ada/a.iso', user: 'libvirt-qemu', obstacles: ['/home/ada\u001b[31m'] }
  const text = copiedText({ ...copied, commands: ['setfacl -m u:libvirt-qemu:x -- /home/ada'] }, 'default')
  expect(text).toMatch(/copied into “default”.*libvirt-qemu, who cannot reach \/home\/ada/)
  expect(text).toContain('\n  setfacl -m u:libvirt-qemu:x -- /home/ada')
  expect(text).not.toContain('\u001b')
})
