/** `vireo console` on a terminal hands through every byte, and gives the terminal back when the machine goes away. */
import { spawn } from 'node:child_process'
import { expect, test } from 'vitest'
import { cli } from '../fixture/cli-user.ts'
import { testDomain } from '../fixture/domain.ts'
import { cliProgram } from '../fixture/server.ts'
import { until } from '../fixture/wait.ts'

/** The console on a terminal of its own, whose settings are shown before and after. */
const consoleOn = (machine: string, env: Readonly<Record<string, string>>) => {
  const command = `echo before=$(stty -g); "$NODE" "$VIREO" console ${machine} -c qemu:///system; echo code=$?; echo after=$(stty -g).`
  const child = spawn('script', ['-qfec', command, '/dev/null'], {
    env: { ...process.env, ...env, NODE: process.execPath, VIREO: cliProgram, LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  return {
    type: (text: string) => child.stdin.write(text),
    sees: (pattern: RegExp) => until(`${pattern.source} on the terminal`, () => pattern.exec(shown)?.[1], 30_000),
    [Symbol.dispose]: () => void child.kill('SIGKILL'),
  }
}

test('what the guest writes comes out byte for byte, and a machine that goes off gives the terminal back', async () => {
  await using vireo = await cli()
  await using machine = await testDomain({ prefix: 't-perf' })
  await machine.ready()
  using tty = consoleOn(machine.name, vireo.env)
  const before = await tty.sees(/before=(\S+)/)
  await tty.sees(/(Ctrl\+\] leaves\.)/)
  // The guest's terminal adds nothing either, so that a line feed alone is one.
  tty.type("stty -opost; printf '<1\\n2\\r\\n3\\t\\b\\177>'\r")
  expect(await tty.sees(/(<1\r*\n[\s\S]*?>)/)).toBe('<1\n2\r\n3\t\b\u007f>')
  await machine.destroy()
  expect(await tty.sees(/code=(\d+)/)).toBe('0')
  expect(await tty.sees(/after=(\S+)\./)).toBe(before)
})
