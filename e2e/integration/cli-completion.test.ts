/** The completion scripts, run by the shells they are for. */
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli, type Cli } from '../fixture/cli-user.ts'
import { run } from '../fixture/run.ts'
import { cliProgram } from '../fixture/server.ts'

const TEST = 'test:///default'
let vireo: Cli
let folder: string

beforeEach(async () => {
  vireo = await cli()
  folder = await mkdtemp(join(tmpdir(), 'vireo-shell-'))
  const program = join(folder, 'vireo')
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${cliProgram}' "$@"\n`)
  await chmod(program, 0o755)
  await vireo.run(['connect', TEST])
})
afterEach(async () => {
  await rm(folder, { recursive: true, maxRetries: 5 })
  await vireo[Symbol.asyncDispose]()
})

const shell = async (program: string, ...args: string[]): Promise<string[]> => {
  const path = `${folder}${delimiter}${process.env['PATH'] ?? ''}`
  const out = await run(program, args, { env: { ...vireo.env, PATH: path } })
  return out.split('\n').filter(line => line !== '')
}
const missing = (program: string): boolean => spawnSync(program, ['--version']).error !== undefined

/** What is typed, word by word, and what must be offered. */
const CASES: readonly (readonly [string[], string[]])[] = [
  [['inf'], ['info']],
  [['info', 'te'], ['test']],
  [['info', '-c', TEST, 'te'], ['test']],
  [['-c', TEST, 'info', 'te'], ['test']],
  [['shutdown', '--mode', 'ac'], ['acpi']],
  [['disconnect', 'test:'], [TEST]],
  [['start', 'te'], []],
]

const bash = (words: readonly string[]): Promise<string[]> => {
  const script = `source <(vireo completion bash); COMP_WORDS=(vireo "$@"); COMP_CWORD=$#; _vireo
    printf '%s\\n' "\${COMPREPLY[@]}"`
  return shell('bash', '--norc', '-c', script, 'bash', ...words)
}
const zsh = (words: readonly string[]): Promise<string[]> => {
  const script = `compdef() { :; }; compadd() { print -rl -- $found; }
    source <(vireo completion zsh); words=(vireo "$@"); CURRENT=$#words; _vireo || true`
  return shell('zsh', '-fc', script, 'zsh', ...words)
}
const fish = async (words: readonly string[]): Promise<string[]> => {
  const script = `vireo completion fish | source; complete -C "vireo ${words.join(' ')}"`
  return shell('fish', '--no-config', '-c', script)
}

test.each(CASES)('bash completes %j', async (words, offered) => {
  expect(await bash(words)).toEqual(offered)
})
test.skipIf(missing('zsh')).each(CASES)('zsh, where it is installed, completes %j', async (words, offered) => {
  expect(await zsh(words)).toEqual(offered)
})
test.skipIf(missing('fish')).each(CASES)('fish, where it is installed, completes %j', async (words, offered) => {
  expect(await fish(words)).toEqual(offered)
})
