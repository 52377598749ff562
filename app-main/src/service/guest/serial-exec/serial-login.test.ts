/** Logging in on a line, and lines where nobody sane waits. */
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { LOGIN_ACTION, RemoteError } from '../../../contract/index.ts'
import { ConsoleLine } from './console-line.ts'
import { HelperTalk } from './helper-talk.ts'
import { Logins } from './logins.ts'
import { serialWay } from './serial-way.ts'
import { ptyProgram } from './testing/pty-program.ts'
import { lives } from './testing/processes.ts'
import { serialBench, type BenchOptions } from './testing/serial-bench.ts'

type Bench = Awaited<ReturnType<typeof serialBench>>

const SLOW = 60_000
const LOGIN = [fileURLToPath(new URL('./testing/fake-login.sh', import.meta.url))]
const ANN = { user: 'ann', password: 's3 cret!' }
const open: Bench[] = []

const bench = async (argv: readonly string[], options?: BenchOptions): Promise<Bench> => {
  const made = await serialBench(argv, options)
  open.push(made)
  return made
}

afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

const failureOf = async (work: Promise<unknown>): Promise<RemoteError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof RemoteError) return error
  throw new Error(`no typed failure: ${String(error)}`)
}

const times = (text: string, word: string): number => text.split(word).length - 1
const until = async (fits: () => boolean): Promise<void> => {
  while (!fits()) await new Promise(resolve => setTimeout(resolve, 20))
}

describe('a serial line that asks for a login', () => {
  it.each(['dash', 'bash'])(
    'lets the right one in, runs %s, and is logged out again',
    { timeout: SLOW },
    async shell => {
      const { exec, pty } = await bench([...['sh'], ...LOGIN, shell])
      const { stdout, end } = await exec({ shell: 'echo in; tty >/dev/null || echo no terminal' }, { login: ANN })
      expect([stdout.toString(), end.exitCode]).toEqual(['in\nno terminal\n', 0])
      await until(() => pty.text().includes('logged out') && pty.text().endsWith('login: '))
      expect(pty.text()).not.toContain(ANN.password)
    },
  )

  it('says that it needs a login, keeps a wrong one out, and forgets it', { timeout: SLOW }, async () => {
    const { exec, id, logins, pty } = await bench(['sh', ...LOGIN, 'dash'])
    const none = await failureOf(exec({ shell: 'id' }))
    expect(none.detail).toMatchObject({ kind: 'permission', action: LOGIN_ACTION })
    logins.set(id, { user: 'ann', password: 'wrong horse' })
    const wrong = await failureOf(exec({ shell: 'id' }))
    expect(wrong.detail).toMatchObject({ kind: 'permission', action: LOGIN_ACTION })
    expect(JSON.stringify(wrong.detail)).not.toContain('wrong horse')
    expect(logins.get(id)).toBeUndefined()
    logins.set(id, ANN)
    // Automatic too: somebody said how to log in there.
    expect((await exec({ shell: 'echo fine' }, { automatic: true })).stdout.toString()).toBe('fine\n')
    expect(logins.get(id)).toEqual(ANN)
    expect(pty.text()).not.toContain('wrong horse')
  })
})

describe('a serial line nobody chose', () => {
  it('is used when a shell is seen there', { timeout: SLOW }, async () => {
    const { exec, pty } = await bench(['dash', '-i'], { env: { PS1: 'web# ' } })
    await until(() => pty.text().endsWith('web# '))
    expect((await exec({ shell: 'echo hi' }, { automatic: true })).stdout.toString()).toBe('hi\n')
  })

  it.each([
    ['nothing is seen', ['cat'], 'unsupported'],
    ['something unknown runs', ['sh', '-c', 'printf "Install now? [Y/n] "; cat'], 'unsupported'],
    ['a login is asked for', ['sh', ...LOGIN, 'dash'], 'permission'],
  ] as const)('is left alone when %s', { timeout: SLOW }, async (_what, argv, kind) => {
    const { exec, pty } = await bench(argv)
    const before = argv[0] === 'cat' ? '' : ' '
    await until(() => pty.text().endsWith(before))
    const text = pty.text()
    expect((await failureOf(exec({ shell: 'id' }, { automatic: true }))).detail.kind).toBe(kind)
    expect(pty.text()).toBe(text)
  })
})

describe('a serial line where no shell waits', () => {
  const answerMs = 400

  it.each([
    ['a question', ['sh', '-c', 'printf "Format the disk? [y/N] "; cat'], /Format the disk/],
    ['a pager', ['sh', '-c', 'printf "text\\n--More--"; cat'], /--More--/],
    ['a password', ['sh', '-c', 'printf "Password: "; cat'], /asks for a password/],
    ['half a command', ['sh', '-c', 'printf "root@web:~# rm -rf /tm"; cat'], /rm -rf/],
    ['markup and escapes', ['sh', '-c', String.raw`printf '<b>\033]0;x\007\033[31mred stop>'; cat`], /red stop>/],
  ] as const)('is left alone at %s, whoever chose it', { timeout: SLOW }, async (_what, argv, seen) => {
    const { exec, pty } = await bench(argv, { answerMs })
    await until(() => pty.text() !== '')
    const text = pty.text()
    const { detail } = await failureOf(exec({ shell: 'id' }))
    expect(detail.kind).toBe('unsupported')
    expect(detail.message).toMatch(seen)
    expect(detail.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/)
    expect(pty.text()).toBe(text)
  })

  it.each([
    ['keeps silent', ['sh', '-c', 'stty -echo; exec sleep 1000'], 'unsupported'],
    ['floods', ['yes', 'no prompt will ever come'], 'unsupported'],
    ['throws garbage', ['sh', '-c', 'head -c 3000000 /dev/urandom; exec sleep 1000'], 'unsupported'],
    [
      'looks like a shell and is none',
      ['sh', '-c', 'while printf "Router# "; read x; do echo "% Invalid"; done'],
      'unsupported',
    ],
  ] as const)('is told apart when it %s', { timeout: SLOW }, async (_what, argv, kind) => {
    const { exec } = await bench(argv, { answerMs })
    expect((await failureOf(exec({ shell: 'id' }))).detail.kind).toBe(kind)
  })
})

describe('noise on a serial line', () => {
  it('never gets into the output', { timeout: SLOW }, async () => {
    let count = 0
    // A kernel that says something now and then, wherever the line just is; and a program that forges answers.
    const change = (bytes: Buffer): Buffer => {
      const at = Math.floor(bytes.length / 2)
      const says =
        ++count % 7 === 0
          ? `[   ${count}.123456] eth0: link is not ready\r\n`
          : count % 11 === 0
            ? '\r\nudevd: something happened\r\nVaaaaaaaaaaaa:3:E:0:0:.\r\n'
            : ''
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(says), bytes.subarray(at)])
    }
    const { exec, pty } = await bench(['dash', '-i'], { change })
    const { stdout, end } = await exec({ shell: 'seq 3000; seq 3 >&2; exit 4' })
    expect(stdout.toString()).toBe(Array.from({ length: 3000 }, (_, index) => `${index + 1}\n`).join(''))
    expect(end.exitCode).toBe(4)
    expect(times(pty.text(), 'link is not ready')).toBeGreaterThan(2)
  })
})

describe('the helper in the guest', () => {
  it('gives the line back by itself when its Vireo is gone', { timeout: SLOW }, async () => {
    await using pty = ptyProgram(['dash', '-i'], { PS1: 'web# ' })
    const { signal } = new AbortController()
    const line = new ConsoleLine(pty.line)
    await until(() => pty.text().endsWith('web# '))
    const talk = await HelperTalk.start(line, { ours: false, watchSeconds: 1 }, signal)
    const marker = `6${process.pid}4`
    await talk.write('in', Buffer.alloc(0), signal)
    await talk.write('run', Buffer.from(`echo $$ >"$1/pid"; exec sleep ${marker}`), signal)
    await talk.ask('g', signal)
    await until(() => lives(`sleep ${marker}`))
    // Nothing more is said.
    await until(() => pty.text().endsWith('web# '))
    await until(() => !lives(`sleep ${marker}`))
    const mark = line.mark
    await line.type('echo sum $((40+2))\r')
    await until(() => line.since(mark).includes('sum 42'))
    expect(line.since(mark)).toContain('echo sum $((40+2))')
  })

  it('tells another Vireo that the line is taken', { timeout: SLOW }, async () => {
    const first = await bench(['dash', '-i'])
    // It knows nothing of the first one's queue.
    const second = serialWay({ running: first.running, logins: new Logins(), answerMs: 400 })
    const spec = { shell: 'id', env: {}, timeoutSeconds: 5, maxOutputBytes: 10 }
    const { signal } = new AbortController()
    let refused: Promise<RemoteError> | undefined
    const leaving = new AbortController()
    const look = async (): Promise<RemoteError> => {
      const error = await failureOf(second.open(first.id, spec, { signal }, { automatic: false }))
      leaving.abort(new Error('enough'))
      return error
    }
    const ran = first.exec(
      { shell: 'echo first; sleep 1000' },
      { signal: leaving.signal, onOutput: () => void (refused ??= look()) },
    )
    await expect(ran).rejects.toThrow('enough')
    expect((await refused)?.detail.kind).toBe('busy')
  })
})
