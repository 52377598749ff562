import { expect, it } from 'vitest'
import { contract } from '../contract/index.ts'
import { refusal } from './policy.ts'

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
