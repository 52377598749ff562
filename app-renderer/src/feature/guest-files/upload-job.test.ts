import {
  type ByteStream,
  type DomainId,
  encodeUploadStart,
  RemoteError,
  type VireoClient,
} from '@vireo/app-main/contract'
import { expect, test } from 'vitest'
import { type Report } from './transfer-store.ts'
import { resumeKeyOf, uploadJob, type UploadItem } from './upload-job.ts'

const machine = 'a@qemu:///system' as DomainId
const changed = new RemoteError({ kind: 'precondition', message: 'was not the same' })

interface Guest {
  /** What stands under its path. */
  readonly files: Map<string, string>
  /** What came of interrupted uploads, by key. */
  readonly parts: Map<string, Uint8Array>
  readonly opened: { path: string; resumeKey: string; overwrite: boolean }[]
  readonly folders: string[]
  /** Bytes after which the next stream breaks. */
  breakAt: number | null
}

const join = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(part => [...part]))

/** The server's side of `guest.writeFile`, as the contract tells it. */
const serve = (guest: Guest) => {
  const writeFile = async (input: { path: string; sizeBytes: number; resumeKey: string; overwrite: boolean }) => {
    guest.opened.push(input)
    const had = guest.parts.get(input.resumeKey) ?? new Uint8Array()
    const got: Uint8Array[] = []
    let settle: (error: RemoteError['detail'] | undefined) => void = () => undefined
    const closed = new Promise<RemoteError['detail'] | undefined>(resolve => (settle = resolve))
    let ended = false
    const finish = (): void => {
      const whole = join(got)
      if (whole.length < input.sizeBytes) return
      ended = true
      guest.parts.delete(input.resumeKey)
      if (had.some((byte, at) => byte !== whole[at])) return settle(changed.detail)
      guest.files.set(input.path, new TextDecoder().decode(whole))
      settle(undefined)
    }
    const stream: ByteStream = {
      closed,
      onData: listener => listener(encodeUploadStart({ offset: had.length, resumable: true }), () => undefined),
      close: () => {
        if (!ended && join(got).length > had.length) guest.parts.set(input.resumeKey, join(got))
        settle(undefined)
      },
      async write(bytes) {
        got.push(bytes)
        if (guest.breakAt !== null && join(got).length >= guest.breakAt) {
          guest.breakAt = null
          guest.parts.set(input.resumeKey, join(got))
          settle({ kind: 'connection', trouble: 'lost', message: 'cut off' })
          throw new Error('The stream was closed.')
        }
        finish()
      },
    }
    if (input.sizeBytes === 0) finish()
    return stream
  }
  const makeDirectory = async ({ path }: { path: string }) => void guest.folders.push(path)
  // Only what an upload asks.
  return { guest: { writeFile, makeDirectory } } as unknown as Pick<VireoClient, 'guest'>
}

const bench = (items: readonly UploadItem[], folders: readonly string[] = []) => {
  const guest: Guest = { files: new Map(), parts: new Map(), opened: [], folders: [], breakAt: null }
  const told: (readonly [string, ...number[]])[] = []
  const report: Report = {
    progress: bytes => told.push(['progress', bytes]),
    resumed: bytes => told.push(['resumed', bytes]),
    size: bytes => told.push(['size', bytes]),
    step: (at, of) => told.push(['step', at, of]),
    leftOut: count => told.push(['leftOut', count]),
  }
  const client = serve(guest)
  const job = uploadJob({ client, machine, folders, items, unreadable: name => `${name} cannot be read` })
  return { guest, told, run: (signal = new AbortController().signal) => job.run(report, signal) }
}

const item = (name: string, text: string): UploadItem => ({
  file: new File([text], name, { lastModified: 1000 }),
  path: `/tmp/${name}`,
  overwrite: false,
})

test('folders are made and files sent, one after the other, also empty ones', async () => {
  const { guest, told, run } = bench([item('a', 'first'), item('b', '')], ['/tmp/in', '/tmp/in/deeper'])
  await run()
  expect(guest.folders).toEqual(['/tmp/in', '/tmp/in/deeper'])
  expect([...guest.files]).toEqual([
    ['/tmp/a', 'first'],
    ['/tmp/b', ''],
  ])
  expect(told).toContainEqual(['step', 2, 2])
  expect(told.at(-1)).toEqual(['progress', 5])
})

test('what broke off goes on with the file that was under way, by the same key', async () => {
  const { guest, told, run } = bench([item('a', 'done'), item('b', 'half of it')])
  guest.breakAt = 10
  await expect(run()).rejects.toMatchObject({ detail: { kind: 'connection' } })
  expect(guest.files.has('/tmp/b')).toBe(false)
  await run()
  expect(guest.opened.map(({ path }) => path)).toEqual(['/tmp/a', '/tmp/b', '/tmp/b'])
  expect(guest.opened[1]?.resumeKey).toBe(guest.opened[2]?.resumeKey)
  expect(told).toContainEqual(['resumed', 14])
  expect(guest.files.get('/tmp/b')).toBe('half of it')
})

test('a part that is not of this file is given up, and the upload begins anew by itself, once', async () => {
  const one = item('a', 'new content')
  const { guest, told, run } = bench([one])
  guest.parts.set(await resumeKeyOf(machine, one.path, one.file), new TextEncoder().encode('old'))
  await run()
  expect(guest.opened).toHaveLength(2)
  const resumed = told.filter(([what]) => what === 'resumed')
  expect(resumed.slice(-2)).toEqual([
    ['resumed', 3],
    ['resumed', 0],
  ])
  expect(guest.files.get('/tmp/a')).toBe('new content')
})

test('a file that cannot be read any more says so', async () => {
  const one = item('a', 'content')
  const broken = Object.assign(one.file, {
    slice: () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }),
  })
  await expect(bench([{ ...one, file: broken }]).run()).rejects.toThrow('a cannot be read')
})

test('one that is stopped before it begins sends nothing', async () => {
  const { guest, run } = bench([item('a', 'content')])
  await expect(run(AbortSignal.abort())).rejects.toMatchObject({ detail: { kind: 'cancelled' } })
  expect(guest.opened).toEqual([])
})

test('the key is that of file, state and place', async () => {
  const file = (text: string, lastModified = 1000) => new File([text], 'a', { lastModified })
  const key = await resumeKeyOf(machine, '/tmp/a', file('x'))
  expect(key).toMatch(/^[0-9a-f]{32}$/)
  expect(await resumeKeyOf(machine, '/tmp/a', file('x'))).toBe(key)
  const others = [
    resumeKeyOf(machine, '/tmp/b', file('x')),
    resumeKeyOf(machine, '/tmp/a', file('xy')),
    resumeKeyOf(machine, '/tmp/a', file('x', 2000)),
    resumeKeyOf('b@qemu:///system', '/tmp/a', file('x')),
  ]
  expect(await Promise.all(others)).not.toContain(key)
})
