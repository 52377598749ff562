import { expect, test } from 'vitest'
import { OWN_COMMANDS } from './own-commands.ts'
import { commandsFor } from './run.ts'

const verbs = (...args: string[]) => {
  const { specs, own } = commandsFor(args)
  return [...specs, ...own.map(({ spec }) => spec)].map(({ verb }) => verb)
}

test('a line that begins with a command is about that one, or about its group', () => {
  expect(verbs('create', 'debian-12', '--name', 'list')).toEqual(['create'])
  expect(verbs('guest', '--help')).toContain('guest top')
  expect(verbs('guest', '--help').filter(verb => !verb.startsWith('guest '))).toEqual([])
})

test('any other line is about all of them', () => {
  const all = verbs()
  expect(all.length).toBeGreaterThan(OWN_COMMANDS.length + 50)
  for (const args of [['--help'], ['-c', 'test:///default', 'list'], ['lst'], ['help', 'create'], ['']])
    expect(verbs(...args)).toEqual(all)
})
