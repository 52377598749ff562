import { expect, test } from 'vitest'
import { guestClip, LONGEST_CLIP } from './guest-clipboard.ts'

test('ordinary text stays, with line ends made one kind', () => {
  expect(guestClip('a\tb\r\nc\rd\né 東')).toEqual({ text: 'a\tb\nc\nd\né 東', cut: false })
})

test('what could run or mislead when pasted into a terminal is left out', () => {
  expect(guestClip('ls\u001b[201~\u0000 \u202Etxt.exe').text).toBe('ls[201~ txt.exe')
})

test('a hostile size is cut', () => {
  const { text, cut } = guestClip('x'.repeat(LONGEST_CLIP + 1))
  expect(text).toHaveLength(LONGEST_CLIP)
  expect(cut).toBe(true)
})
