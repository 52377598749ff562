import { expect, it } from 'vitest'
import { passtRefusal } from './port-forwards.ts'

it.each([
  ['9.2.0', true, null],
  ['9.10.0', true, null],
  ['10.0.0', true, null],
  ['11.3.0', false, 'not installed'],
  ['9.1.0', true, 'Only libvirt 9.2'],
  ['9.0.0', true, 'this is 9.0.0'],
  ['8.9.9', true, 'Only libvirt 9.2'],
  [null, true, 'an unknown one'],
  ['nonsense', true, 'Only libvirt 9.2'],
])('libvirt %s with passt there (%s): %s', (version, program, refusal) => {
  if (refusal === null) expect(passtRefusal(version, program)).toBeNull()
  else expect(passtRefusal(version, program)).toContain(refusal)
})
