import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { domainId, type ConnectionUri, type DomainSummary } from '../../contract/index.ts'
import { connectionIn, nearest, resolveDomain } from './resolve.ts'

const machine = (name: string, uuid: string = crypto.randomUUID(), uri = 'test:///a'): DomainSummary => ({
  ...{ id: domainId(uuid, uri), uuid, name, connection: uri as ConnectionUri, kind: 'test', state: 'running' },
  ...{ reason: null, vcpus: 1, memoryBytes: 1, addresses: [], guestOs: null, title: null },
  ...{ autostart: false, persistent: true, stale: false },
})
const kindOf = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return (error as { detail: unknown }).detail
  }
}

describe('the machine meant', () => {
  it('is found by its name, whatever it is made of, and by nothing else', () => {
    const anyName = fc.string({ unit: 'binary', minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(fc.uniqueArray(anyName, { minLength: 1, maxLength: 8 }), anyName, (names, other) => {
        const machines = names.map(name => machine(name))
        for (const one of machines) expect(resolveDomain(machines, one.name)).toBe(one)
        if (!names.includes(other)) {
          expect(kindOf(() => resolveDomain(machines, other))).toMatchObject({ kind: 'not-found' })
        }
      }),
    )
  })

  it.each(['web 1', 'a"b', "it's", '🐦', '-rf', '$(reboot)', '; rm -rf /', '*', 'x'.repeat(200), 'a@b', '../etc'])(
    'may be called %s',
    name => {
      const all = [machine('web'), machine(name)]
      expect(resolveDomain(all, name).name).toBe(name)
    },
  )

  it('is found by UUID in any case, and by id', () => {
    const one = machine('web', 'ABCDEF00-0000-4000-8000-000000000001')
    for (const text of ['abcdef00-0000-4000-8000-000000000001', one.uuid, one.id]) {
      expect(resolveDomain([machine('db'), one], text)).toBe(one)
    }
  })

  it('is asked back when two fit', () => {
    const two = [machine('web', 'u1', 'test:///a'), machine('web', 'u2', 'test:///b')]
    expect(kindOf(() => resolveDomain(two, 'web'))).toMatchObject({
      ...{ kind: 'ambiguous', candidates: ['u1@test:///a', 'u2@test:///b'] },
    })
    const disguised = [machine('web', 'u1'), machine('u1', 'u3')]
    expect(kindOf(() => resolveDomain(disguised, 'u1'))).toMatchObject({ kind: 'ambiguous' })
  })

  it('comes with the nearest names when nothing fits, and no escape sequence gets through', () => {
    const all = ['web-1', 'web-2', 'database'].map(name => machine(name))
    expect(kindOf(() => resolveDomain(all, 'wbe-1'))).toMatchObject({ hint: expect.stringContaining('web-1') })
    expect(kindOf(() => resolveDomain(all, 'zzzzzzzz'))).not.toHaveProperty('hint')
    expect(JSON.stringify(kindOf(() => resolveDomain(all, '\u001b[2J')))).not.toContain('\\u001b')
    expect(nearest('data', ['web', 'database'])).toEqual(['database'])
  })

  it('names its connection when it is a full id only', () => {
    expect(connectionIn('u1@qemu+ssh://ada@host/system')).toBe('qemu+ssh://ada@host/system')
    for (const text of ['web', 'ada@example.org', '@test:///x', 'test:///x']) expect(connectionIn(text)).toBeUndefined()
  })
})
