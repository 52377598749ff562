import { expect, test } from 'vitest'
import { fileName, timeStamp } from './save-file.ts'

test('an ordinary name stays as it is', () => {
  expect(fileName('web-1', 'png')).toBe('web-1.png')
  expect(fileName('Büro 東京', 'txt')).toBe('Büro 東京.txt')
})

test.each([
  ['../../etc/passwd', 'etc-passwd.png'],
  ['.hidden', 'hidden.png'],
  ['a\u202Egnp.exe', 'a-gnp.exe.png'],
  ['line\nbreak\0', 'line-break.png'],
  ['$(reboot)`x`', '(reboot)-x.png'],
  ['C:\\x', 'C-x.png'],
  ['', 'machine.png'],
  ['...', 'machine.png'],
])('%j becomes %j', (name, expected) => expect(fileName(name, 'png')).toBe(expected))

test('a long name is cut between characters', () => {
  const name = fileName('😀'.repeat(300), 'png')
  expect(Array.from(name)).toHaveLength(104)
  expect(name).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/)
})

test('the time stamp holds nothing that a file system refuses', () => {
  expect(timeStamp(new Date(2026, 2, 1, 14, 5, 9))).toBe('2026-03-01 14.05.09')
})
