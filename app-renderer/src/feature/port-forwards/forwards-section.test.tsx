import type { Forward, ForwardId } from '@vireo/app-main/contract'
import { cleanup, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { domainOf } from '../../store/testing.ts'
import { beginning, ownClock, press, showPart, soon, told } from '../testing/shown-part.tsx'
import { ForwardsSection } from './forwards-section.tsx'
import { GoneForwards } from './gone-forwards.tsx'

const domain = domainOf('web')
const forwardOf = (id: string, part: Partial<Forward> = {}): Forward => ({
  ...{ id: id as ForwardId, domain: domain.id, name: 'web', protocol: 'tcp', address: '127.0.0.1', port: 8080 },
  ...{ guestAddress: null, guestPort: 80, state: 'listening', reason: null, target: '192.0.2.5' },
  ...{ connections: 0, total: 0, failed: 0, pid: 1, way: 'proxy', exposed: false },
  ...part,
})

const show = (list: () => Promise<readonly Forward[]>, part = <ForwardsSection domain={domain} shown />) => {
  const calls = { remove: beginning(), add: beginning() }
  const { changed, tell } = told<undefined>()
  showPart(part, { domain, client: { forward: { list, changed, ...calls } } })
  return { ...calls, tell: () => tell(undefined) }
}

ownClock()

test('shows the forwards of this machine alone, how they go, and follows what is told', async () => {
  let all = [forwardOf('00000001', { connections: 2 }), forwardOf('00000002', { domain: domainOf('db').id, port: 9 })]
  const { tell } = show(async () => all)
  await soon()
  expect(screen.getByText('Open')).toBeTruthy()
  expect(screen.getByText('2 connections')).toBeTruthy()
  expect(screen.getAllByRole('listitem')).toHaveLength(1)
  all = [forwardOf('00000001', { state: 'port-in-use', reason: 'Port 8080 is in use.', exposed: true })]
  tell()
  await soon()
  expect(screen.getByText('Port in use')).toBeTruthy()
  expect(screen.getByText('Port 8080 is in use.')).toBeTruthy()
  expect(screen.getByText('Others can reach it')).toBeTruthy()
  all = []
  tell()
  await soon()
  expect(screen.getByText(/No port of this computer/)).toBeTruthy()
})

test('removes the one that is meant', async () => {
  const { remove } = show(async () => [forwardOf('00000001'), forwardOf('00000002', { port: 8081 })])
  await soon()
  await press('Remove the forward of 127.0.0.1:8081')
  expect(remove).toHaveBeenCalledExactlyOnceWith({ forward: '00000002' })
})

test('says why they cannot be listed', async () => {
  show(() => Promise.reject(new Error('the file is damaged')))
  await soon()
  expect(screen.getByText(/the file is damaged/)).toBeTruthy()
})

test('those of machines that are gone are told of and can be removed; without any nothing is said', async () => {
  const gone = forwardOf('00000003', { domain: domainOf('lost').id, name: 'lost', state: 'gone', port: 8082 })
  const { remove } = show(async () => [forwardOf('00000001'), gone], <GoneForwards />)
  await soon()
  const region = screen.getByRole('region', { name: 'Port forwards of machines that are gone' })
  expect(region.textContent).toContain('lost')
  expect(screen.getAllByRole('listitem')).toHaveLength(1)
  await press('Remove the forward of 127.0.0.1:8082')
  expect(remove).toHaveBeenCalledExactlyOnceWith({ forward: '00000003' })
  cleanup()
  show(async () => [forwardOf('00000001')], <GoneForwards />)
  await soon()
  expect(screen.queryByRole('region')).toBeNull()
})
