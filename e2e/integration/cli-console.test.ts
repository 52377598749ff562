/** `vireo console` on a real terminal: what `script` of util-linux makes. */
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { cli } from '../fixture/cli-user.ts'
import { testDomain } from '../fixture/domain.ts'
import { cliProgram } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'

const LEAVE = '\u001d'

/** A shell on a terminal that shows its settings before and after the console. */
const terminal = (machine: string, env: Readonly<Record<string, string>>) => {
  const console = `'${process.execPath}' '${cliProgram}' console '${machine}' -c qemu:///system`
  const command = `stty -g | sed s/^/before=/; ${console} & echo pid=$!; fg >/dev/null; echo code=$?; stty -g | sed s/^/after=/`
  const child = spawn('script', ['-qfec', `bash -c 'set -m; ${command.replaceAll("'", `'\\''`)}'`, '/dev/null'], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  const found = (pattern: RegExp) => pattern.exec(shown)?.[1]
  return {
    type: (text: string) => child.stdin.write(text),
    sees: (text: string) => until(`“${text}” in ${JSON.stringify(shown)}`, () => shown.includes(text), 30_000),
    shown: () => shown,
    found,
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

test('a person types, leaves with Ctrl+], and has the terminal back', async () => {
  await using vireo = await cli()
  await using machine = await testDomain({ prefix: 't-core' })
  await machine.ready()
  using tty = terminal(machine.name, vireo.env)
  await tty.sees('Ctrl+] leaves.')
  tty.type('echo six-$((2 * 3))\r')
  await tty.sees('six-6')
  // Ctrl+C is the guest's.
  tty.type('\u0003')
  tty.type('echo still-$((3 * 3))\r')
  await tty.sees('still-9')
  tty.type(`${LEAVE}echo never\r`)
  await tty.sees('after=')
  await until('the settings', () => tty.found(/after=(\S+)\s/) !== undefined)
  expect(tty.shown()).toContain(`Left ${machine.name}.`)
  expect(tty.found(/code=(\d+)/)).toBe('0')
  expect(tty.found(/after=(\S+)/)).toBe(tty.found(/before=(\S+)/))
})

test('a console that is told to end gives the terminal back, too', async () => {
  await using vireo = await cli()
  await using machine = await testDomain({ prefix: 't-core' })
  await machine.ready()
  using tty = terminal(machine.name, vireo.env)
  await tty.sees('Ctrl+] leaves.')
  process.kill(Number(tty.found(/pid=(\d+)/)), 'SIGTERM')
  await until('the settings', () => tty.found(/after=(\S+)\s/) !== undefined)
  expect(tty.found(/code=(\d+)/)).toBe('130')
  expect(tty.found(/after=(\S+)/)).toBe(tty.found(/before=(\S+)/))
})
