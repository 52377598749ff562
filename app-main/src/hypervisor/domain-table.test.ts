import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { DomainSummary } from '../contract/index.ts'
import { DomainTable } from './domain-table.ts'
import type { DomainsChange } from './driver.ts'

const machine = (name: string, more: Partial<DomainSummary> = {}) =>
  ({ name, state: 'shutoff', addresses: [], stale: false, ...more }) as unknown as DomainSummary

const recorded = () => {
  const table = new DomainTable()
  const changes: DomainsChange[] = []
  table.onChange(change => changes.push(change))
  return { table, changes }
}

describe('DomainTable', () => {
  it('tells what happened within a tick in one piece, each machine once', async () => {
    const { table, changes } = recorded()
    table.set('a', machine('a'))
    table.set('b', machine('b'))
    table.patch('a', { state: 'running' })
    table.delete('b')
    await tick()
    expect(changes).toEqual([{ full: false, changed: [machine('a', { state: 'running' })], removed: ['b'] }])
  })

  it('is silent when nothing changed', async () => {
    const { table, changes } = recorded()
    table.set('a', machine('a'))
    await tick()
    table.set('a', machine('a'))
    table.patch('a', { stale: false })
    table.patch('nobody', { stale: true })
    table.delete('nobody')
    await tick()
    expect(changes).toHaveLength(1)
  })

  it('replaces everything as a full change, with what came in the same tick', async () => {
    const { table, changes } = recorded()
    table.set('ghost', machine('ghost'))
    await tick()
    table.replace(new Map([['a', machine('a')]]))
    table.set('b', machine('b'))
    await tick()
    expect(changes.at(-1)).toMatchObject({ full: true, changed: [{ name: 'a' }, { name: 'b' }] })
    expect([...table.domains.keys()]).toEqual(['a', 'b'])
  })
})
