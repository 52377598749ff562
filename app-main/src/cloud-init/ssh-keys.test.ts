import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findPublicKeys, parsePublicKey } from './ssh-keys.ts'

const run = promisify(execFile)
let home = ''
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'vireo-test-keys-'))
  await mkdir(join(home, '.ssh'))
  const make = (type: string, name: string, ...more: string[]) =>
    run('ssh-keygen', ['-q', '-t', type, ...more, '-N', '', '-C', `${name} of ada`, '-f', join(home, '.ssh', name)])
  await Promise.all([make('ed25519', 'id_ed25519'), make('rsa', 'id_rsa', '-b', '2048')])
})
afterAll(() => rm(home, { recursive: true, force: true }))
const key = () => readFile(join(home, '.ssh/id_ed25519.pub'), 'utf8')

describe('public keys', () => {
  it('are found where people keep them, the best first, and nothing else is taken for one', async () => {
    await writeFile(join(home, '.ssh/copy.pub'), await key())
    await writeFile(join(home, '.ssh/noise.pub'), 'not a key\n')
    await run('mkfifo', [join(home, '.ssh/pipe.pub')])
    await symlink('/dev/zero', join(home, '.ssh/zero.pub'))
    const found = await findPublicKeys(home, {})
    expect(found.map(({ type, comment }) => [type, comment])).toEqual([
      ['ssh-ed25519', 'id_ed25519 of ada'],
      ['ssh-rsa', 'id_rsa of ada'],
    ])
    expect(await findPublicKeys('/nonexistent', {})).toEqual([])
  })

  it('are found in the agent', async () => {
    const socket = join(home, 'agent')
    const { stdout } = await run('ssh-agent', ['-a', socket])
    const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1])
    try {
      const environment = { ...process.env, SSH_AUTH_SOCK: socket }
      await run('ssh-add', ['-q', join(home, '.ssh/id_rsa')], { env: environment })
      const found = await findPublicKeys('/nonexistent', environment)
      expect(found.map(({ type, source }) => [type, source])).toEqual([['ssh-rsa', 'agent']])
    } finally {
      process.kill(pid)
    }
  })

  it('are checked to be what they say', async () => {
    const line = (await key()).trim()
    expect(parsePublicKey(`${line}\r\n`)).toMatchObject({ type: 'ssh-ed25519', line })
    const wrong = [
      ...['', 'ssh-ed25519', 'ssh-ed25519 AAAA', line.replace('ssh-ed25519 ', 'ssh-rsa '), `command="x" ${line}`],
      ...[`${line}\nssh-rsa AAAA`, '-----BEGIN OPENSSH PRIVATE KEY-----', `ssh-dss ${'A'.repeat(40)}`],
    ]
    for (const text of wrong) expect(parsePublicKey(text), text).toBeUndefined()
  })
})
