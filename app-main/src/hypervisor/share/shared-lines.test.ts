import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, type Duplex, type Readable, type Writable } from 'node:stream'
import { setImmediate as tick } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SharedLines } from './shared-lines.ts'
import { exclusiveEcho, openEcho } from './testing/exclusive-echo.ts'

const NAME = { uri: 'u', key: 'k', line: 'l' }
const ASK = { takeOver: false }

let folder: string
let echo: Awaited<ReturnType<typeof exclusiveEcho>>
let raw: ReturnType<typeof openEcho>
const children: ChildProcessWithoutNullStreams[] = []
const processes: SharedLines[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vireo-share-'))
  echo = await exclusiveEcho(join(folder, 'echo'))
  raw = openEcho(join(folder, 'echo'))
})

afterEach(async () => {
  for (const one of processes.splice(0)) one.dispose()
  for (const child of children.splice(0)) child.kill('SIGKILL')
  echo.hangUp()
  echo.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const vireo = (): SharedLines => {
  const lines = new SharedLines(() => Promise.resolve(folder))
  processes.push(lines)
  return lines
}

const secondProcess = async (): Promise<ChildProcessWithoutNullStreams> => {
  const script = fileURLToPath(new URL('./testing/second-process.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder, join(folder, 'echo')])
  children.push(child)
  await says(child.stdout, 'joined')
  return child
}

/** Resolves when the stream has said the text. */
const says = (stream: Readable, wanted: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = ''
    const hear = (bytes: Buffer) => {
      text += bytes.toString()
      if (!text.includes(wanted)) return
      stream.off('data', hear)
      resolve()
    }
    stream.on('data', hear)
    stream.once('error', reject)
  })

const echoes = async (line: Duplex, word: string): Promise<void> => {
  const heard = says(line, `echo ${word}`)
  line.write(`${word}\n`)
  await heard
}

/** What is typed while the line is between holders may be lost; a typist would type again. */
const typesUntilEchoed = async (input: Writable, output: Readable, word: string): Promise<void> => {
  const typing = setInterval(() => input.write(`${word}\n`), 50)
  await says(output, `echo ${word}`).finally(() => clearInterval(typing))
}

const sockets = async (): Promise<string[]> => (await readdir(folder)).filter(name => name.endsWith('.sock'))

/** Where a holder would listen; nobody does any more. */
const usedSocket = async (): Promise<string> => {
  const line = await vireo().open(NAME, raw, ASK)
  const [name = ''] = await sockets()
  line.destroy()
  while ((await sockets()).length > 0) await tick()
  return join(folder, name)
}

describe('SharedLines', () => {
  it('shares a line inside one process', async () => {
    const lines = vireo()
    const [a, b] = [await lines.open(NAME, raw, ASK), await lines.open(NAME, raw, ASK)]
    const heard = says(b, 'echo one')
    await echoes(a, 'one')
    await heard
  })

  it('lets several open at the same moment', async () => {
    const lines = vireo()
    const opened = await Promise.all([1, 2, 3].map(() => lines.open(NAME, raw, ASK)))
    await Promise.all(opened.map((line, index) => echoes(line, `n${index}`)))
  })

  it('shares it with another process, both ways, through a socket that only this user can open', async () => {
    const line = await vireo().open(NAME, raw, ASK)
    const child = await secondProcess()
    const heard = says(child.stdout, 'echo mine')
    await echoes(line, 'mine')
    await heard
    const here = says(line, 'echo theirs')
    child.stdin.write('theirs\n')
    await here
    const [socket = ''] = await sockets()
    expect((await stat(join(folder, socket))).mode & 0o777).toBe(0o600)
  })

  it('goes on by itself when the process that held the line is killed', async () => {
    const child = await secondProcess()
    const line = await vireo().open(NAME, raw, ASK)
    await echoes(line, 'before')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await typesUntilEchoed(line, line, 'after')
  })

  it('goes on in the other process when the holder leaves politely', async () => {
    const first = vireo()
    await first.open(NAME, raw, ASK)
    const child = await secondProcess()
    first.dispose()
    await typesUntilEchoed(child.stdin, child.stdout, 'alone')
  })

  it('loses and doubles nothing that is typed while the holder leaves politely', async () => {
    const first = vireo()
    await first.open(NAME, raw, ASK)
    const [guest, other] = [await vireo().open(NAME, raw, ASK), await vireo().open(NAME, raw, ASK)]
    other.resume()
    const typed = Array.from({ length: 200 }, (_, index) => `word ${index}`)
    for (const [index, word] of typed.entries()) {
      guest.write(`${word}\n`)
      if (index % 10 === 0) await tick()
      if (index === 100) first.dispose()
    }
    await echoes(guest, 'the last')
    expect(echo.heard).toEqual([...typed, 'the last'])
  })

  it('gives up the lines of one connection and keeps the others', async () => {
    const lines = vireo()
    const [going, staying] = [
      await lines.open(NAME, raw, ASK),
      await lines.open({ ...NAME, uri: 'v' }, async () => new PassThrough(), ASK),
    ]
    const ended = once(going.resume(), 'end')
    lines.leave(NAME.uri)
    await ended
    await expect(echoes(await vireo().open(NAME, raw, ASK), 'free again')).resolves.toBeUndefined()
    expect([staying.destroyed, staying.readableEnded]).toEqual([false, false])
  })

  it('ends for everybody when the machine hangs up', async () => {
    const line = await vireo().open(NAME, raw, ASK)
    const child = await secondProcess()
    const ends = [once(line.resume(), 'end'), once(child, 'exit')]
    echo.hangUp()
    await Promise.all(ends)
  })

  it('says busy when a stranger has the line, and takes it when told to', async () => {
    const stranger = await raw({ force: false })
    const lines = vireo()
    await expect(lines.open(NAME, raw, ASK)).rejects.toMatchObject({ detail: { kind: 'busy' } })
    const line = await lines.open(NAME, raw, { takeOver: true })
    await echoes(line, 'mine now')
    expect(stranger.destroyed || stranger.readableEnded || (await once(stranger.resume(), 'close'))).toBeTruthy()
  })

  it('opens again after a refusal, and after everybody left', async () => {
    const stranger = await raw({ force: false })
    const lines = vireo()
    await expect(lines.open(NAME, raw, ASK)).rejects.toThrow('in use')
    stranger.destroy()
    for (const word of ['first', 'second']) {
      const line = await lines.open(NAME, raw, ASK)
      await echoes(line, word)
      line.destroy()
      await once(line, 'close')
    }
  })

  it('is not held up by what a dead process left behind', async () => {
    const socket = await usedSocket()
    await writeFile(socket, 'not a socket')
    await echoes(await vireo().open(NAME, raw, ASK), 'anyway')
  })

  it('refuses a holder that says nothing, and can take the line from it', async () => {
    const socket = await usedSocket()
    const mute = createServer(() => undefined)
    mute.listen(socket)
    await once(mute, 'listening')
    const lines = vireo()
    await expect(lines.open(NAME, raw, ASK)).rejects.toMatchObject({ detail: { kind: 'timeout' } })
    await echoes(await lines.open(NAME, raw, { takeOver: true }), 'mine')
    mute.close()
  }, 20_000)
})
