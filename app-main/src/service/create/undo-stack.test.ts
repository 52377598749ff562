import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConnectionUri } from '../../contract/index.ts'
import { Journal } from './journal.ts'
import { undoable, type UndoStack } from './undo-stack.ts'

const uuid = '5c2b7b6e-3f3d-4a57-9a0f-6a2a2f1f8a11'
const entry = {
  ...{ uuid, name: 'web', connection: ConnectionUri.parse('test:///default'), volumes: [{ pool: 'p', name: 'v' }] },
  ...{ copy: null, folderPool: null, startedAt: 1, draft: null },
}

describe('a way back', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'undo-stack-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const failing = async (undo: (journal: Journal) => Promise<void>) => {
    const journal = new Journal(folder)
    const work = async (stack: UndoStack) => {
      stack.push('the disk', () => undo(journal))
      throw new Error('no luck')
    }
    const reminder = {
      begin: () => journal.write(entry),
      forget: () => journal.forget(uuid),
      leave: () => journal.leave(entry),
    }
    const failure = await undoable(work, reminder).then(
      () => 'done',
      (error: unknown) => String(error),
    )
    return { failure, entries: await journal.entries() }
  }

  it('that was gone to its end is forgotten, and known before it begins', async () => {
    let meanwhile: object[] = []
    const { failure, entries } = await failing(async journal => {
      meanwhile = await journal.entries()
    })
    expect([failure, entries]).toEqual(['Error: no luck', []])
    expect(meanwhile).toMatchObject([{ uuid, alive: true }])
  })

  it('that could not be gone is remembered, as nobody’s work', async () => {
    const { failure, entries } = await failing(() => Promise.reject(new Error('the pool is away')))
    expect(failure).toContain('could not be removed: the disk')
    expect(entries).toMatchObject([{ uuid, alive: false, volumes: entry.volumes }])
  })
})
