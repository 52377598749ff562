import { describe, expect, it } from 'vitest'
import type { DomainState, DomainSummary } from '../contract/index.ts'
import { requireState } from './preconditions.ts'

const machine = (state: DomainState) => ({ name: 'web <1>', state }) as DomainSummary

describe('requireState', () => {
  it.each([
    ['running', 'start', '“web <1>” is already running.'],
    ['shutoff', 'destroy', '“web <1>” is already off.'],
    ['shutoff', 'suspend', '“web <1>” is off.'],
    ['paused', 'suspend', '“web <1>” is already paused.'],
    ['saved', 'serial', '“web <1>” is off with saved memory.'],
  ] as const)('a machine that is %s refuses %s: %s', (state, action, message) => {
    expect(() => requireState(machine(state), action)).toThrow(message)
  })

  it.each([
    ['shutoff', 'start'],
    ['saved', 'start'],
    ['crashed', 'start'],
    ['suspended', 'resume'],
    ['paused', 'destroy'],
  ] as const)('a machine that is %s takes %s', (state, action) => {
    expect(() => requireState(machine(state), action)).not.toThrow()
  })

  it('leaves what it does not know to the hypervisor', () => {
    expect(() => requireState(machine('unknown'), 'start')).not.toThrow()
  })

  it('gives the way on', () => {
    expect(() => requireState(machine('running'), 'undefine')).toThrow(
      expect.objectContaining({ detail: expect.objectContaining({ hint: expect.stringMatching(/Shut/) }) }),
    )
  })
})
