import { expect, test } from 'vitest'
import { waysOf } from './draft.ts'
import { chosenOffer, firstOffer, matching, nameOfPlace, offersOf, proposalOf } from './sources.ts'
import { entryOf, imageOf } from './testing-create.ts'

const debian = entryOf('debian-13', { name: 'Debian 13', ways: ['image', 'iso', 'build'], first: 'build' })
const fedora = entryOf('fedora-44')
const windows = entryOf('windows-11', { ways: [] })

test('what is here comes first, the last used first, installation media after images', () => {
  const { here, systems } = offersOf(
    [debian, fedora, windows],
    [
      imageOf('iso', { format: 'iso', usedAt: 9 }),
      imageOf('old', { usedAt: 1 }),
      imageOf('new', { usedAt: 5, osId: 'debian-13' }),
    ],
  )
  expect(here.map(({ id }) => id)).toEqual(['new', 'old', 'iso'])
  expect(here[0]?.entry).toBe(debian)
  // What cannot be had in any way is not offered.
  expect(systems.map(({ id }) => id)).toEqual(['debian-13', 'image:fedora-44'])
})

test.each([
  ['an image that is here', [fedora, debian], [imageOf('a')], 'a'],
  ['a system that can be made of packages, before a download', [fedora, debian], [], 'debian-13'],
  ['a download, before an installation medium', [fedora], [imageOf('iso', { format: 'iso' })], 'image:fedora-44'],
  ['an installation medium where nothing else is', [], [imageOf('iso', { format: 'iso' })], 'iso'],
  ['nothing where nothing is', [windows], [], undefined],
] as const)('the first source is %s', (_what, catalogue, images, id) => {
  expect(firstOffer(offersOf(catalogue, images))?.id).toBe(id)
})

test('a system that can be had in several ways is made of the first that can be reached', () => {
  const { systems } = offersOf([debian, fedora], [])
  expect(systems.map(({ source }) => source)).toEqual([
    { kind: 'system', id: 'debian-13', way: 'any' },
    { kind: 'system', id: 'fedora-44', way: 'image' },
  ])
})

test.each([
  [
    ['image', 'iso', 'build'],
    ['any', 'image', 'build', 'iso'],
  ],
  [
    ['iso', 'build'],
    ['build', 'iso'],
  ],
  [['iso'], ['iso']],
  [[], []],
] as const)('of %o one chooses between %o', (ways, choices) => {
  expect(waysOf({ ways: [...ways] })).toEqual(choices)
})

test('a system stays chosen in whatever way it is had', () => {
  const offers = offersOf([debian], [imageOf('a')])
  expect(chosenOffer(offers, { kind: 'system', id: 'debian-13', way: 'iso' })?.entry).toBe(debian)
  expect(chosenOffer(offers, { kind: 'cached', sha256: 'a' })?.id).toBe('a')
  expect(chosenOffer(offers, { kind: 'cached', sha256: 'gone' })).toBeNull()
  expect(chosenOffer(offers, { kind: 'own', place: '/a' })).toBeNull()
})

test('is found by every word', () => {
  const { systems } = offersOf([debian, fedora], [])
  expect(matching(systems, ' 13 DEB').map(({ id }) => id)).toEqual(['debian-13'])
  expect(matching(systems, '')).toHaveLength(2)
  expect(matching(systems, 'debian windows')).toEqual([])
})

test('proposes a free name and sizes of the catalogue that fit host and image', () => {
  const offer = { name: 'Debian 13', entry: debian, image: null }
  expect(proposalOf(offer, new Set(), 2)).toEqual({ name: 'debian-13', cpus: '2', memory: '1536M', disk: '10G' })
  expect(proposalOf(offer, new Set(['debian-13', 'debian-13-2']), null)).toMatchObject({
    ...{ name: 'debian-13-3', cpus: '4' },
  })
  const large = imageOf('a', { bytes: 11 * 2 ** 30 })
  expect(proposalOf({ ...offer, image: large }, new Set(), null).disk).toBe('')
  const own = { name: 'My “Disk”, final', entry: null, image: null }
  expect(proposalOf(own, new Set(), 2)).toEqual({ name: 'my-disk-final', cpus: '', memory: '', disk: '' })
  expect(proposalOf({ ...own, name: '…' }, new Set(), 2).name).toBe('machine')
})

test.each([
  ['/images/web.qcow2', 'web'],
  ['https://example.org/a/noble.img.xz?x=1', 'noble'],
  ['/images/', ''],
])('%s is called “%s”', (place, name) => {
  expect(nameOfPlace(place)).toBe(name)
})
