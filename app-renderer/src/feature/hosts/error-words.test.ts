import { expect, test } from 'vitest'
import { errorWords } from './error-words.ts'

test.each([
  [{ message: 'It is held by process 812 (apt)', hint: 'Wait.' }, 'It is held by process 812 (apt). Wait.'],
  [{ message: 'Why not?', hint: 'Run these commands as root:' }, 'Why not? Run these commands as root:'],
  [{ message: 'It broke' }, 'It broke.'],
  [{ message: '' }, ''],
])('%o reads “%s”', (error, words) => {
  expect(errorWords({ kind: 'precondition', ...error })).toBe(words)
})
