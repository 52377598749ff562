import { describe, expect, it } from 'vitest'
import { endWith, ScriptedQemuGa } from '../testing/scripted-qemu-ga.ts'

const asking = { signal: new AbortController().signal }
const spec = { env: {}, timeoutSeconds: 60, maxOutputBytes: 4 }

const runWith = async (end: Readonly<Record<string, unknown>>, more: object = {}) => {
  const guest = new ScriptedQemuGa().runs(() => end)
  const agent = await guest.connect()
  const said: string[] = []
  const onOutput = (stream: string, bytes: Uint8Array) => void said.push(`${stream}:${Buffer.from(bytes).toString()}`)
  const result = await agent.exec({ ...spec, args: ['x'], ...more }, { onOutput }, asking)
  return { result, said, guest }
}

describe('a command’s end', () => {
  it('is read from the report behind its output', async () => {
    const { result, said } = await runWith(endWith('out\n7\n3', 'err'), { maxOutputBytes: 100 })
    expect(result).toMatchObject({ exitCode: 3, signal: null, timedOut: false, truncated: false })
    expect(said).toEqual(['stdout:out\n7', 'stderr:err'])
  })

  it('is cut at its limit, and says so', async () => {
    const { result, said } = await runWith(endWith('12345\n0', '1234'))
    expect(result).toMatchObject({ exitCode: 0, truncated: true })
    expect(said).toEqual(['stdout:1234', 'stderr:1234'])
  })

  it('by a signal is told as the shell tells it, or as qemu-ga does', async () => {
    expect((await runWith(endWith('\n137'))).result).toMatchObject({ exitCode: null, signal: 'SIGKILL' })
    expect((await runWith({ exited: true, signal: 11 })).result).toMatchObject({ exitCode: null, signal: 'SIGSEGV' })
    expect((await runWith(endWith('\n255'))).result).toMatchObject({ exitCode: 255, signal: null })
  })

  it('that is not one is refused', async () => {
    const ends = [
      endWith('no report'),
      endWith('\n'),
      endWith('\nconstructor'),
      endWith('\n0', '', 1),
      { exited: true },
      { exited: true, exitcode: 0, 'out-data': 'no base64!' },
      { exited: 'yes' },
    ]
    for (const end of ends) await expect(runWith(end)).rejects.toMatchObject({ detail: { kind: 'refused' } })
  })

  it('says what is missing there', async () => {
    await expect(runWith(endWith('\nno-user'), { user: 'nix' })).rejects.toMatchObject({
      detail: { kind: 'not-found' },
    })
    await expect(runWith(endWith('\nno-folder'), { cwd: '/nix' })).rejects.toMatchObject({
      detail: { kind: 'not-found' },
    })
  })
})

describe('a command’s input', () => {
  it('goes with it, and nothing that could be taken for an option or a second line does', async () => {
    let input: unknown
    const guest = new ScriptedQemuGa().runs((_path, _args, data) => {
      input = data
      return endWith('\n0')
    })
    const agent = await guest.connect()
    const stdin = (async function* () {
      yield Buffer.from('one ')
      yield Buffer.from('two')
    })()
    await agent.exec({ ...spec, shell: 'cat' }, { stdin, onOutput: () => undefined }, asking)
    expect(Buffer.from(String(input), 'base64').toString()).toBe('one two')
    const before = guest.asked.length
    for (const bad of [{ user: '-l' }, { user: 'a\nb' }, { cwd: 'a\0b' }, { env: { A: 'a\0b' } }])
      await expect(
        agent.exec({ ...spec, shell: 'id', ...bad }, { onOutput: () => undefined }, asking),
      ).rejects.toMatchObject({ detail: { kind: 'invalid-input' } })
    expect(guest.asked).toHaveLength(before)
  })
})
