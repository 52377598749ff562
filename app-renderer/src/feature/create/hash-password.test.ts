import { expect, test } from 'vitest'
import { hashPassword, hashWithSalt, isPassword } from './hash-password.ts'

// As OpenSSL and glibc hash them.
test.each([
  [
    'Hello world!',
    '$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1',
  ],
  ['a', '$6$0123456789abcdef$qn2kMgR/Cs9pZI2hZfok3cbi0oHyRjH7NUyfGhPKp6EBvlZWbL3JMmASYlyEBxhP4jB3zti0119AKDkHdAVHI0'],
  ['Grüße 🐦', '$6$xY./zz$HZRzzDaK9NPQlRy5EyHSHr3CB9VA7F9uVZV5lzbf0zXGflvGIsNsp.KkJiNK5LrX.PztuUnikD5sA0mFfjT9e/'],
  ['x'.repeat(64), '$6$s$nSCSbGsc7RTMo8pzrY3sUpFbEHdS.O3NRegf2LeybzqOLT5xTCw8IdMPAh9q5d9JSNxt1C/pBde6V3qfUdXAl0'],
  [
    'y'.repeat(130),
    '$6$abcdefgh$v2lqyL74hDzvySQkrfWjyuwk2TlVfKxmg7XSXhD/kz411GBmk8hf6rTeImp1.WbXJrjOgrQ3X14NJsz.sZxxw0',
  ],
  [
    'pass word',
    '$6$AAAAAAAAAAAAAAAA$09TURRiCHCzvIu/wfEUPKXy3yIKJmFg/4FqpZ4WMXnPl9AsQ9ea5Z/KCqdEPRuaRGtH9JM4qsGNTQPHxMyD8m1',
  ],
])('hashes “%s” as every crypt(3) does', (password, hash) => {
  expect(hashWithSalt(password, hash.split('$')[2] ?? '')).toBe(hash)
})

test('salts each hash anew, and in the form that is taken', () => {
  const hash = hashPassword('secret')
  expect(hash).toMatch(/^\$6\$[./0-9A-Za-z]{16}\$[./0-9A-Za-z]{86}$/)
  expect(hashPassword('secret')).not.toBe(hash)
})

test.each([
  ['one line', 'correct horse', true],
  ['nothing', '', false],
  ['two lines', 'a\nb', false],
  ['too much', 'x'.repeat(257), false],
])('takes %s or not', (_what, password, taken) => {
  expect(isPassword(password)).toBe(taken)
})
