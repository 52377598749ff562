import { expect, it } from 'vitest'
import { bootLine, phaseLine } from './create-output.ts'

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
