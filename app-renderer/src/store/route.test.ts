import type { DomainId } from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { formatRoute, HOME, parseRoute } from './route.ts'

test.each(['0b5@qemu:///system', 'x@qemu+ssh://dev@lab:22/system?keyfile=/a b&x=1#y', 'ü%@test:///default'])(
  'the address of %s leads back to it',
  id => {
    for (const wide of [true, false])
      for (const tab of [null, 'screen', 'a&b']) {
        const route = { machine: id as DomainId, wide, tab }
        expect(parseRoute(formatRoute(route))).toEqual(route)
      }
  },
)

test.each([
  '',
  '#',
  '#/machines',
  '#/machines/',
  '#/hosts/x',
  '#/machines/no-at-sign',
  '#/machines/%E0%A4%A',
  '#//a@b',
])('“%s” leads home', hash => {
  expect(parseRoute(hash)).toEqual(HOME)
})
