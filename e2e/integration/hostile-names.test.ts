import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { vireo, type CliEnd } from '../fixture/cli.ts'
import { run as runProgram } from '../fixture/run.ts'
import { cliProgram } from '../fixture/server.ts'
import { hostileNames, namedNode, type NamedNode } from '../fixture/named-node.ts'
import { userFolders, type UserFolders } from '../fixture/user-folders.ts'

let node: NamedNode
let folders: UserFolders
/** Where a name that was taken for a command would leave its traces. */
let here: string

beforeAll(async () => {
  node = await namedNode(hostileNames.map(name => ({ name })))
  folders = await userFolders()
  here = await mkdtemp(join(tmpdir(), 'vireo-here-'))
})

afterAll(async () => {
  await Promise.all([node.dispose(), folders.remove(), rm(here, { recursive: true, maxRetries: 5 })])
})

const run = (...args: readonly string[]): Promise<CliEnd> => vireo(args, { env: folders.env, cwd: here })

/** What a report can show, before the text itself. */
const titled = (text: string): readonly [string, string] => [JSON.stringify(text).slice(0, 40), text]

interface Listed {
  readonly name: string
  readonly uuid: string
}

const list = async (): Promise<Listed[]> =>
  JSON.parse((await run('list', '--json', '--connection', node.uri)).out) as Listed[]

/** Control characters and the ones that turn the direction of text, which a terminal would obey. */
const obeyed = /[\p{Cc}\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069]/u

describe('names that something might take for more than a name', () => {
  test('are listed as they are for programs', async () => {
    const names = (await list()).map(({ name }) => name)
    expect(new Set(names)).toEqual(new Set(hostileNames))
  })

  test('are listed for people without what a terminal would obey', async () => {
    const { code, out } = await run('list', '--connection', node.uri)
    expect(code).toBe(0)
    for (const line of out.trimEnd().split('\n')) expect(line).not.toMatch(obeyed)
    expect(out).toContain('$(touch pwned)')
    expect(out).toContain('txt.\\u{202e}gnp')
  })

  test.each(hostileNames.map(titled))('%s is found by its name, exactly', async (_title, name) => {
    const { code, out, err } = await run('info', '--json', '--connection', node.uri, '--', name)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ name })
  })

  test('are offered to the shell one to a line, where the completion script quotes them', async () => {
    expect((await run('connect', node.uri)).code).toBe(0)
    const bash = `source <("$0" "$1" completion bash); vireo() { command "$NODE" "$CLI" "$@"; }
      COMP_WORDS=(vireo info '$(to'); COMP_CWORD=2; _vireo; printf '%s\\n' "\${COMPREPLY[@]}"`
    const [program, cli] = [process.execPath, cliProgram]
    const env = { ...folders.env, NODE: program, CLI: cli }
    const offered = await runProgram('bash', ['-c', bash, program, cli], { cwd: here, env })
    expect(offered).toBe('\\$\\(touch\\ pwned\\)\n')
  })
})

describe('names that no machine has', () => {
  const unknown = [
    'nosuch',
    'two',
    '?',
    'two words ',
    '$(touch made)',
    '; touch made',
    '-',
    'Y'.repeat(10_000),
    '',
    'a\nb',
  ]

  test.each(unknown.map(titled))('%s is refused, and nothing happens', async (_title, name) => {
    const { code, out, err } = await run('destroy', '--connection', node.uri, '--', name)
    expect({ code, out }).toEqual({ code: 3, out: '' })
    expect(err).toContain('There is no machine')
    expect(err.length).toBeLessThan(1000)
  })

  test('a leading dash is no option after --, and a typed error before it', async () => {
    expect((await run('info', '--connection', node.uri, '-rf')).code).toBe(2)
    expect((await run('info', '--connection', node.uri, '--', '-rf')).code).toBe(0)
  })

  test('a name that says how it could be meant is answered with the nearest', async () => {
    const { err } = await run('info', '--connection', node.uri, '--', 'two wrods')
    expect(err).toContain('Did you mean two words?')
  })
})

test('nothing of all that was run', async () => {
  expect(await readdir(here)).toEqual([])
})

describe('addresses of connections', () => {
  const refused = [
    'no address',
    'qemu:///system; touch made',
    '$(touch made)',
    '-x',
    'file:///etc/passwd',
    'esx://vcenter/',
    'qemu:///sys\ntem',
    `test://${'x'.repeat(5000)}`,
  ]

  test.each(refused.map(titled))('%s is refused with a typed error', async (_title, uri) => {
    const { code, out, err } = await run('list', `--connection=${uri}`)
    expect([1, 2, 5]).toContain(code)
    expect(out).toBe('')
    expect(err).toMatch(/^vireo: \S/)
    expect(err).not.toContain('    at ')
    expect(await readdir(here)).toEqual([])
  })
})
