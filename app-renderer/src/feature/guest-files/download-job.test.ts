import {
  type ByteStream,
  type DomainId,
  type GuestEntry,
  RemoteError,
  type VireoClient,
} from '@vireo/app-main/contract'
import { expect, test, vi } from 'vitest'
import { downloadJob, folderDownloadJob, isSame, mostBytes } from './download-job.ts'
import type { SaveFile, SaveFolder } from './save-target.ts'
import type { Report } from './transfer-store.ts'

const machine = 'a@qemu:///system' as DomainId
const { signal } = new AbortController()
const LOST: RemoteError['detail'] = { kind: 'connection', trouble: 'lost', message: 'cut off' }

interface Node {
  content: string
  modifiedAt: number | null
  /** What the guest says of its size; the truth unless told. */
  claims?: number
}

const entry = (name: string, type: GuestEntry['type'], sizeBytes = 0): GuestEntry => ({
  ...{ name, type, sizeBytes, mode: null, owner: null, group: null, modifiedAt: 1, linkTarget: null },
})

/** A guest whose streams break after some bytes, when told to. */
class FakeGuest {
  readonly files = new Map<string, Node>()
  readonly folders = new Map<string, readonly GuestEntry[]>()
  readonly offsets: number[] = []
  breakAfter: number | null = null
  statless = false

  get client(): Pick<VireoClient, 'guest'> {
    const { files, folders } = this
    const stat = async ({ path }: { path: string }) => {
      if (this.statless) throw new RemoteError({ kind: 'unsupported', message: 'no' })
      const file = files.get(path)
      if (!file) throw new RemoteError({ kind: 'not-found', message: path })
      return { type: 'file', sizeBytes: file.claims ?? file.content.length, modifiedAt: file.modifiedAt }
    }
    const list = async ({ path }: { path: string }) => folders.get(path) ?? []
    const readFile = async ({ path, offset = 0 }: { path: string; offset?: number }): Promise<ByteStream> => {
      this.offsets.push(offset)
      const broken = this.breakAfter
      this.breakAfter = null
      const bytes = new TextEncoder().encode(files.get(path)?.content).slice(offset, broken ?? undefined)
      let settle: (error: RemoteError['detail'] | undefined) => void = () => undefined
      const closed = new Promise<RemoteError['detail'] | undefined>(resolve => (settle = resolve))
      const end = () => settle(broken === null ? undefined : LOST)
      return {
        closed,
        write: async () => undefined,
        close: () => settle(undefined),
        onData: listener => (bytes.length > 0 ? listener(bytes, end) : end()),
      }
    }
    // Only what a download asks.
    return { guest: { stat, list, readFile } } as unknown as Pick<VireoClient, 'guest'>
  }
}

/** A folder in memory that tells what became of its files. */
class FakeFolder implements SaveFolder {
  full = false
  readonly names = new Map<string, FakeFolder | { text: string; state: 'open' | 'closed' | 'aborted' }>()

  async file(name: string): Promise<SaveFile> {
    const kept = { text: '', state: 'open' as 'open' | 'closed' | 'aborted' }
    this.names.set(name, kept)
    let broken = false
    const write = async (at: number, bytes: Uint8Array): Promise<void> => {
      broken ||= this.full
      // As a stream of the browser: after one failure nothing more is taken.
      if (broken) throw new Error('The disk is full.')
      kept.text = kept.text.slice(0, at) + new TextDecoder().decode(bytes)
    }
    return {
      open: async () => {
        broken = false
        return {
          write,
          truncate: async size => void (kept.text = kept.text.slice(0, size)),
          close: async () => void (kept.state = 'closed'),
          abort: async () => {
            kept.text = ''
            kept.state = 'aborted'
          },
        }
      },
      discard: async () => void (kept.text === '' ? this.names.delete(name) : undefined),
    }
  }
  async folder(name: string): Promise<SaveFolder> {
    const made = new FakeFolder()
    this.names.set(name, made)
    return made
  }
  has = async (name: string): Promise<boolean> => this.names.has(name)
  get tree(): object {
    return Object.fromEntries(
      [...this.names].map(([name, one]) => [name, one instanceof FakeFolder ? one.tree : one.text]),
    )
  }
}

const silent: Report = { progress() {}, resumed() {}, size() {}, step() {}, leftOut() {} }

const bench = async (file: Node) => {
  const guest = new FakeGuest()
  guest.files.set('/srv/a', file)
  const folder = new FakeFolder()
  const job = downloadJob({ client: guest.client, machine, path: '/srv/a', target: await folder.file('a') })
  return { guest, folder, job, run: () => job.run(silent, signal), kept: () => folder.names.get('a') }
}

test('a file comes whole', async () => {
  const { run, kept } = await bench({ content: 'all of it', modifiedAt: 1 })
  await run()
  expect(kept()).toEqual({ text: 'all of it', state: 'closed' })
})

test('what broke off goes on where it was while the file is the same', async () => {
  const { guest, run, kept } = await bench({ content: 'all of it', modifiedAt: 1 })
  guest.breakAfter = 4
  await expect(run()).rejects.toMatchObject({ detail: { kind: 'connection' } })
  expect(kept()).toEqual({ text: 'all ', state: 'open' })
  await run()
  expect(guest.offsets).toEqual([0, 4])
  expect(kept()).toEqual({ text: 'all of it', state: 'closed' })
})

test.each<[string, (guest: FakeGuest) => void]>([
  ['was written since', guest => guest.files.set('/srv/a', { content: 'another content', modifiedAt: 2 })],
  ['has another size', guest => guest.files.set('/srv/a', { content: 'another content', modifiedAt: 1 })],
  ['cannot be asked about', guest => (guest.statless = true)],
])('a file that %s is fetched anew', async (_, change) => {
  const { guest, run, kept } = await bench({ content: 'all of it', modifiedAt: 1 })
  guest.breakAfter = 4
  await expect(run()).rejects.toThrow('cut off')
  change(guest)
  await run()
  expect(guest.offsets).toEqual([0, 0])
  expect(kept()).toEqual({ text: guest.files.get('/srv/a')?.content, state: 'closed' })
})

test('one that is given up leaves no half of a file', async () => {
  const { guest, job, run, kept } = await bench({ content: 'all of it', modifiedAt: 1 })
  guest.breakAfter = 4
  await expect(run()).rejects.toThrow('cut off')
  const half = kept()
  job.discard()
  await vi.waitFor(() => expect(kept()).toBeUndefined())
  expect(half).toMatchObject({ state: 'aborted' })
})

test('one that never began leaves no empty file', async () => {
  const { guest, job, run, kept } = await bench({ content: 'all of it', modifiedAt: 1 })
  guest.files.clear()
  await expect(run()).rejects.toMatchObject({ detail: { kind: 'not-found' } })
  job.discard()
  await vi.waitFor(() => expect(kept()).toBeUndefined())
})

test('one that was whole is not taken away', async () => {
  const { job, run, kept } = await bench({ content: '', modifiedAt: 1 })
  await run()
  job.discard()
  await new Promise(resolve => setTimeout(resolve))
  expect(kept()).toMatchObject({ state: 'closed' })
})

test('what could not be written is fetched anew, from its beginning', async () => {
  const { guest, folder, run, kept } = await bench({ content: 'all of it', modifiedAt: 1 })
  guest.breakAfter = 4
  await expect(run()).rejects.toThrow('cut off')
  folder.full = true
  await expect(run()).rejects.toThrow('The disk is full.')
  expect(kept()).toMatchObject({ state: 'aborted' })
  folder.full = false
  await run()
  expect(guest.offsets).toEqual([0, 4, 0])
  expect(kept()).toEqual({ text: 'all of it', state: 'closed' })
})

test('a file that never ends does not fill the disk', async () => {
  expect(mostBytes(0)).toBe(64 * 1024 * 1024)
  const guest = new FakeGuest()
  guest.files.set('/srv/a', { content: 'x'.repeat(1000), modifiedAt: 1, claims: -100 * 1024 * 1024 })
  const folder = new FakeFolder()
  const job = downloadJob({ client: guest.client, machine, path: '/srv/a', target: await folder.file('a') })
  await expect(job.run(silent, signal)).rejects.toMatchObject({ detail: { kind: 'refused' } })
})

test('nobody can tell whether a file without a time is the same', () => {
  expect(isSame({ sizeBytes: 1, modifiedAt: 5 }, { sizeBytes: 1, modifiedAt: 5 })).toBe(true)
  expect(isSame({ sizeBytes: 1, modifiedAt: null }, { sizeBytes: 1, modifiedAt: null })).toBe(false)
  expect(isSame(null, { sizeBytes: 1, modifiedAt: 5 })).toBe(false)
})

test('a folder comes with what is in it, and no name of the guest leads out of it or replaces another', async () => {
  const guest = new FakeGuest()
  const names = ['../up', '..', 'a\nb', 'a\u202eb', 'Same', 'same', 'plain']
  guest.folders.set('/srv/in', [...names.map(name => entry(name, 'file')), entry('deep', 'directory')])
  guest.folders.set('/srv/in/deep', [entry('x', 'file'), entry('link', 'link'), entry('device', 'other')])
  for (const name of names) guest.files.set(`/srv/in/${name}`, { content: name, modifiedAt: 1 })
  guest.files.set('/srv/in/deep/x', { content: 'x', modifiedAt: 1 })
  const target = new FakeFolder()
  await target.folder('in')
  const entries = [entry('in', 'directory')]
  const job = folderDownloadJob({ client: guest.client, machine, folder: '/srv', entries, target })
  guest.breakAfter = 2
  await expect(job.run(silent, signal)).rejects.toThrow('cut off')
  const leftOut = vi.fn()
  await job.run({ ...silent, leftOut }, signal)
  expect(leftOut).toHaveBeenLastCalledWith(2)
  expect(target.tree).toEqual({
    in: {},
    'in (2)': {
      '.._up': '../up',
      file: '..',
      a_b: 'a\nb',
      'a_b (2)': 'a\u202eb',
      Same: 'Same',
      'same (2)': 'same',
      plain: 'plain',
      deep: { x: 'x' },
    },
  })
})

test('a tree without end is refused', async () => {
  const guest = new FakeGuest()
  const endless = new Proxy(guest.folders, {
    get: (_, name) => (name === 'get' ? () => [entry('again', 'directory')] : undefined),
  })
  Object.assign(guest, { folders: endless })
  const job = folderDownloadJob({
    ...{ client: guest.client, machine, folder: '/', target: new FakeFolder() },
    entries: [entry('again', 'directory')],
  })
  await expect(job.run(silent, signal)).rejects.toThrow('too deeply')
  // Trying again does not leave out what was refused.
  await expect(job.run(silent, signal)).rejects.toThrow('too deeply')
})
