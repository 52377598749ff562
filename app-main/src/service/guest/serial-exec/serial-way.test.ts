/** Real shells on real terminals. */
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import type { ExecSpec } from '../../../contract/index.ts'
import { execAgent } from '../setup/exec-agent.ts'
import { heardUntil, lives } from './testing/processes.ts'
import { serialBench, type BenchOptions } from './testing/serial-bench.ts'
import { INLINE_LIMIT } from './run-script.ts'

type Bench = Awaited<ReturnType<typeof serialBench>>

const SLOW = 60_000
const root = process.getuid?.() === 0
const open: Bench[] = []

const bench = async (argv: readonly string[], options?: BenchOptions): Promise<Bench> => {
  const made = await serialBench(argv, options)
  open.push(made)
  return made
}

afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const shells = [
  ['dash', ['dash', '-i'], { PS1: '$ ' }],
  ['bash with its line editor', ['bash', '--norc', '-i'], { PS1: String.raw`\[\e[1;32m\]\u@\h\[\e[0m\]:\w\$ ` }],
] as const

describe.each(shells)('a command on the line of %s', (_name, argv, env) => {
  it(
    'gives output, errors and exit code apart, exactly, and leaves a prompt that echoes',
    { timeout: SLOW },
    async () => {
      const { exec, pty, line } = await bench(argv, { env })
      const ran = await exec({
        shell: String.raw`printf 'a\000\377\r\n\033[31m$PATH'; echo "it's" >&2; printf '\n' >&2; exit 7`,
      })
      expect(ran.stdout).toEqual(Buffer.from('a\0\xff\r\n\x1b[31m$PATH', 'latin1'))
      expect(ran.stderr.toString()).toBe("it's\n\n")
      expect(ran.end).toMatchObject({ exitCode: 7, signal: null, timedOut: false, truncated: false })
      // A person goes on as if nothing had been.
      const person = line.attach()
      const seen = heardUntil(person, 'sum 42')
      person.write('echo sum $((40+2))\r')
      expect(await seen).toContain('echo sum $((40+2))')
      expect(pty.text()).not.toContain("it's")
    },
  )

  it('takes arguments, environment, folder and input as they are', { timeout: SLOW }, async () => {
    const { exec } = await bench(argv, { env })
    const script = 'printf "%s|" "$@" "$A" "$B" "$(pwd)"; cat'
    const ran = await exec(
      {
        args: ['sh', '-c', script, 'sh', "it's", '', '$HOME `id` \\', 'ä\nb'],
        env: { A: "1 '2", B: '$A' },
        cwd: '/usr',
      },
      { stdin: [Buffer.from('first '), randomBytesOf(5000)] },
    )
    expect(ran.end.exitCode).toBe(0)
    const head = "it's||$HOME `id` \\|ä\nb|1 '2|$A|/usr|first "
    expect(ran.stdout.subarray(0, Buffer.byteLength(head)).toString()).toBe(head)
    expect(ran.stdout.subarray(Buffer.byteLength(head))).toEqual(randomBytesOf(5000))
  })
})

/** The same every time it is asked for. */
const noise = randomBytes(300_000)
const randomBytesOf = (length: number): Buffer => noise.subarray(0, length)

const dash = ['dash', '-i'] as const

describe('a command on a serial line', () => {
  it('may be a script of 300 KB, which no line of a terminal could hold', { timeout: SLOW }, async () => {
    const { exec } = await bench(dash)
    const filler = '# one of many lines that say nothing\n'
    const script = `${filler.repeat(Math.ceil(300_000 / filler.length))}echo end of it\n`
    expect(script.length).toBeGreaterThan(INLINE_LIMIT)
    const ran = await exec({ shell: script })
    expect([ran.stdout.toString(), ran.stderr.toString(), ran.end.exitCode]).toEqual(['end of it\n', '', 0])
  })

  it('runs as another user where root is logged in', { timeout: SLOW }, async () => {
    const { exec } = await bench(dash)
    if (root) {
      const ran = await exec({ shell: 'id -un; echo $HOME $USER', user: 'nobody', env: { A: '1' } })
      expect([ran.stdout.toString(), ran.end.exitCode]).toEqual(['nobody\n/nonexistent nobody\n', 0])
      await expect(exec({ shell: 'id', user: 'nobody-here' })).rejects.toMatchObject({ detail: { kind: 'not-found' } })
      const other = await bench(['setpriv', '--reuid', 'nobody', '--clear-groups', 'dash', '-i'])
      await expect(other.exec({ shell: 'id', user: 'root' })).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
      expect((await other.exec({ shell: 'id -un', user: 'nobody' })).stdout.toString()).toBe('nobody\n')
    } else {
      await expect(exec({ shell: 'id', user: 'root' })).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
    }
  })

  it('says what is missing', { timeout: SLOW }, async () => {
    const { exec } = await bench(dash)
    await expect(exec({ shell: 'id', cwd: '/nowhere' })).rejects.toMatchObject({ detail: { kind: 'not-found' } })
    await expect(exec({ shell: 'a\0b' })).rejects.toMatchObject({ detail: { kind: 'invalid-input' } })
    await expect(exec({ shell: 'id', user: 'a b' })).rejects.toMatchObject({
      detail: { kind: root ? 'invalid-input' : 'unsupported' },
    })
    expect((await exec({ args: ['no-such-program'] })).end.exitCode).toBe(127)
    const many = Array.from({ length: 30 }, () => randomBytesOf(10_000))
    await expect(exec({ shell: 'cat' }, { stdin: many })).rejects.toMatchObject({ detail: { kind: 'unsupported' } })
    // The line is as good as before.
    expect((await exec({ shell: 'echo fine' })).stdout.toString()).toBe('fine\n')
  })

  it('tells its output while it runs, and at most as much as was asked for', { timeout: SLOW }, async () => {
    const { exec } = await bench(dash)
    let go = (): void => undefined
    const seen = new Promise<void>(resolve => (go = resolve))
    const path = `/tmp/vireo-serial-test-${process.pid}`
    const ran = exec(
      { shell: `echo first; until [ -e ${path} ]; do sleep 0.1; done; rm ${path}; seq 100000`, maxOutputBytes: 1000 },
      { onOutput: text => (text.includes('first') ? go() : undefined) },
    )
    await seen
    execFileSync('touch', [path])
    const { end, stdout } = await ran
    expect([stdout.length, end.truncated, end.exitCode]).toEqual([1000, true, 0])
  })

  it('is killed with its whole process group when its time is up', { timeout: SLOW }, async () => {
    const { exec } = await bench(dash)
    const marker = `7${process.pid}1`
    const { end, stdout } = await exec({
      shell: `trap '' TERM; sleep ${marker} & echo started; while :; do sleep 1; done`,
      timeoutSeconds: 1,
    })
    expect(stdout.toString()).toBe('started\n')
    expect(end).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: true })
    expect(lives(`sleep ${marker}`)).toBe(false)
    const polite = await exec({ shell: 'sleep 1000', timeoutSeconds: 1 })
    expect(polite.end).toMatchObject({ exitCode: null, timedOut: true })
    expect((await exec({ shell: 'kill -9 $$' })).end).toMatchObject({ signal: 'SIGKILL', timedOut: false })
  })

  it('is killed when whoever asked for it gives up, and leaves nothing behind', { timeout: SLOW }, async () => {
    const { exec, line, pty } = await bench(dash)
    const marker = `8${process.pid}2`
    const leaving = new AbortController()
    const ran = exec(
      { shell: `echo started; sleep ${marker}` },
      { signal: leaving.signal, onOutput: () => leaving.abort(new Error('given up')) },
    )
    await expect(ran).rejects.toThrow('given up')
    await gone(`sleep ${marker}`)
    await cleared(pty.text())
    const person = line.attach()
    const seen = heardUntil(person, 'back 7')
    person.write('echo back $((3+4))\r')
    expect(await seen).toContain('echo back $((3+4))')
  })

  it('is stopped by Ctrl+C of a person at the line', { timeout: SLOW }, async () => {
    const { exec, line } = await bench(dash)
    const marker = `9${process.pid}3`
    const person = line.attach()
    person.resume()
    const ran = exec({ shell: `echo started; sleep ${marker}` }, { onOutput: () => void person.write('\u0003') })
    await expect(ran).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
    await gone(`sleep ${marker}`)
  })

  it(
    'finds the shell again when the one before it ran nothing, as when an agent is set up',
    { timeout: SLOW },
    async () => {
      const { id, way, pty } = await bench(dash)
      const asking = { signal: new AbortController().signal }
      const agent = await execAgent({ agent: way, ssh: way, serial: way }, ['serial'], id, asking)
      const said: Uint8Array[] = []
      const spec: ExecSpec = { args: ['echo', 'set up'], env: {}, timeoutSeconds: 60, maxOutputBytes: 1024 }
      const end = await agent.exec(spec, { onOutput: (_kind, bytes) => void said.push(bytes) }, asking)
      expect([end.exitCode, Buffer.concat(said).toString()]).toEqual([0, 'set up\n'])
      await cleared(pty.text())
    },
  )

  it('waits for the one before it', { timeout: SLOW }, async () => {
    const { exec } = await bench(dash)
    const all = await Promise.all(['one', 'two', 'three'].map(word => exec({ shell: `echo ${word}` })))
    expect(all.map(({ stdout }) => stdout.toString())).toEqual(['one\n', 'two\n', 'three\n'])
  })
})

/** Where the helper kept its files, as it said on the line, is nothing any more; other tests have theirs beside it. */
const cleared = async (text: string): Promise<void> => {
  const folders = text.match(/\/tmp\/\.vireo-\w{8}/g) ?? []
  expect(folders).not.toEqual([])
  while (folders.some(folder => existsSync(folder))) await new Promise(resolve => setTimeout(resolve, 20))
}

const gone = async (command: string): Promise<void> => {
  while (lives(command)) await new Promise(resolve => setTimeout(resolve, 20))
}
