import { expect, it } from 'vitest'
import { changesNothing, contract } from '../contract/index.ts'
import { refusal } from './policy.ts'

it('keeps what is asked while one types out of the audit log, and from who may only look', () => {
  const looker = { surface: 'browser', name: 'ada', readOnly: true } as const
  for (const name of ['plan', 'seed', 'options', 'sshKeys'] as const) {
    const { effect } = contract.create[name]
    expect(changesNothing(effect)).toBe(true)
    expect(refusal(looker, name, effect)).not.toBeNull()
  }
  expect(changesNothing(contract.create.run.effect)).toBe(false)
})

it('lets somebody who may only look into guests see, and do nothing there', () => {
  const looker = { surface: 'browser', name: 'ada', readOnly: true } as const
  const allowed = Object.entries(contract.guest).flatMap(([name, entry]) =>
    entry.kind !== 'event' && refusal(looker, name, entry.effect) === null ? [name] : [],
  )
  const seeing = [
    'status',
    'info',
    'telemetry',
    'processes',
    'filesystems',
    'services',
    'disks',
    'cpus',
    'list',
    'stat',
    'sshKeys',
    'login',
  ]
  expect(allowed.sort()).toEqual(seeing.sort())
})
