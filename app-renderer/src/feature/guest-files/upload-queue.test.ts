import { expect, test } from 'vitest'
import { type Choice, type Conflict, planUpload } from './upload-plan.ts'
import { createUploadQueue, type Pending } from './upload-queue.ts'

const choice = (...names: string[]): Choice => ({
  files: names.map(name => ({ file: new File(['x'], name), folders: [] })),
  folders: [],
})

const bench = () => {
  /** What was started, and is under way for as long as the test runs. */
  const started: { name: string; overwrite: boolean }[] = []
  const asked: (Pending<string> | null)[] = []
  const queue = createUploadQueue<string>({
    underWay: () => started.map(({ name }) => name),
    start: (place, files, there, conflict) => {
      for (const { name, items } of planUpload(files, place, there, conflict))
        started.push({ name, overwrite: items.some(({ overwrite }) => overwrite) })
    },
    ask: pending => asked.push(pending),
  })
  const answer = (conflict: Conflict | null): void => {
    const pending = asked.at(-1)
    if (pending) queue.answer(pending, conflict)
  }
  return { queue, started, asked, answer, question: () => asked.at(-1)?.names }
}

test('what is not there yet goes at once; what is on its way to the same name is asked about', () => {
  const { queue, started, question, answer } = bench()
  queue.offer({ place: '/', choice: choice('a'), met: [] })
  expect(started).toEqual([{ name: 'a', overwrite: false }])
  queue.offer({ place: '/', choice: choice('a'), met: [] })
  expect([started.length, question()]).toEqual([1, ['a']])
  answer('rename')
  expect(started.at(-1)).toEqual({ name: 'a (2)', overwrite: false })
  expect(question()).toBeUndefined()
})

test('a second drop waits for the answer to the first, and takes what came of it into account', () => {
  const { queue, started, question, answer } = bench()
  queue.offer({ place: '/', choice: choice('a', 'b'), met: ['a'] })
  queue.offer({ place: '/', choice: choice('b'), met: ['a'] })
  queue.offer({ place: '/', choice: choice('c'), met: ['a'] })
  expect([started, question()]).toEqual([[], ['a']])
  answer('replace')
  expect(started).toEqual([
    { name: 'a', overwrite: true },
    { name: 'b', overwrite: false },
  ])
  expect(question()).toEqual(['b'])
  answer(null)
  expect(started.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  expect(question()).toBeUndefined()
})

test('a question is answered once', () => {
  const { queue, started, asked } = bench()
  queue.offer({ place: '/', choice: choice('a'), met: ['a'] })
  const [first] = asked
  if (!first) throw new Error('nothing was asked')
  queue.answer(first, 'replace')
  queue.answer(first, 'replace')
  expect(started).toHaveLength(1)
})
