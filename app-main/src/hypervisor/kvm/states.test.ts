import { describe, expect, it } from 'vitest'
import { DomainState } from '../../contract/index.ts'
import { stateWords } from './states.ts'

describe('stateWords', () => {
  it.each([
    [1, 1, false, 'running', null],
    [1, 9, false, 'running', 'Running: the guest panicked'],
    [2, 0, false, 'running', null],
    [3, 1, false, 'paused', null],
    [3, 5, false, 'paused', 'Paused: I/O error (disk full?)'],
    [4, 1, false, 'shutting-down', null],
    [5, 1, false, 'shutoff', null],
    [5, 2, false, 'shutoff', null],
    [5, 3, false, 'shutoff', 'Off: it crashed'],
    [5, 6, false, 'shutoff', 'Off: it failed to start'],
    [5, 5, true, 'saved', null],
    [5, 6, true, 'saved', null],
    [6, 1, false, 'crashed', 'Crashed: guest panicked'],
    [6, 99, false, 'crashed', 'Crashed'],
    [7, 0, false, 'suspended', null],
    [0, 0, false, 'unknown', null],
    [99, 3, true, 'unknown', null],
    [-1, 0, false, 'unknown', null],
  ] as const)('state %i, reason %i, saved %s is %s (%s)', (state, reason, saved, word, words) => {
    expect(stateWords(state, reason, saved)).toEqual({ state: word, reason: words })
  })

  it('has a word of the contract for every number', () => {
    for (let state = 0; state < 12; state++)
      for (let reason = 0; reason < 20; reason++)
        expect(DomainState.safeParse(stateWords(state, reason, false).state).success).toBe(true)
  })

  it('does not take saved memory of a running machine for its state', () => {
    expect(stateWords(1, 1, true).state).toBe('running')
  })
})
