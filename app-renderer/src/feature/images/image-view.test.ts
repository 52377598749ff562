import type { ConnectionUri } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { domainOf, SESSION } from '../../store/testing.ts'
import { entryOf, imageOf } from '../create/testing-create.ts'
import { expiryOf, found, templateMachines, usersOf } from './image-view.ts'

const DAY = 86_400_000

test('an image is kept while it is needed, else 90 days after it was last used', () => {
  const image = imageOf('a', { usedAt: 10 * DAY })
  expect(expiryOf(image, ['web'], 1000 * DAY)).toEqual({ kind: 'used' })
  expect(expiryOf(image, [], 20 * DAY)).toEqual({ kind: 'at', at: 100 * DAY })
  expect(expiryOf(image, [], 100 * DAY)).toEqual({ kind: 'due' })
})

test('who needs it is what machines say, as soon as that is known', () => {
  const image = imageOf('a', { users: ['/pool/web.qcow2'] })
  expect(usersOf(image, null)).toEqual(['/pool/web.qcow2'])
  expect(usersOf(image, { images: [{ sha256: 'a', users: ['“web”'] }], unread: null })).toEqual(['“web”'])
  expect(usersOf(image, { images: [{ sha256: 'b', users: ['“web”'] }], unread: null })).toEqual([])
})

test('templates are made of machines of this computer that are off', () => {
  const machines = [
    domainOf('web-10', { state: 'shutoff' }),
    domainOf('web-9', { state: 'shutoff', connection: SESSION }),
    domainOf('running'),
    domainOf('saved', { state: 'saved' }),
    domainOf('unknown', { state: 'shutoff', stale: true }),
    domainOf('container', { state: 'shutoff', kind: 'lxd' }),
    domainOf('away', { state: 'shutoff', connection: 'qemu+ssh://dev@lab/system' as ConnectionUri }),
  ]
  expect(templateMachines(machines).map(({ name }) => name)).toEqual(['web-9', 'web-10'])
})

test('a system is found by every word', () => {
  const all = [entryOf('debian-13', { name: 'Debian 13 (Trixie)' }), entryOf('fedora-44')]
  expect(found(all, ' TRIX deb').map(({ id }) => id)).toEqual(['debian-13'])
  expect(found(all, '')).toHaveLength(2)
  expect(found(all, 'debian 44')).toEqual([])
})
