import { expect, test } from 'vitest'
import { webAddress } from './ask-link.ts'

test('addresses of the web are shown as they really are', () => {
  expect(webAddress('https://example.org/a b')).toBe('https://example.org/a%20b')
  // A name that looks like another is spelled out.
  expect(webAddress('https://exаmple.org/')).toBe('https://xn--exmple-4nf.org/')
})

test.each(['javascript:alert(1)', 'file:///etc/passwd', 'data:text/html,x', 'vireo://x', 'not a link', ''])(
  '%j is not opened',
  url => expect(webAddress(url)).toBeNull(),
)
