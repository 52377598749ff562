import { expect, test } from 'vitest'
import { defaultConfig } from './config.ts'
import { formatEntry, makeLog } from './log.ts'
import { SysError, type Sys } from './sys.ts'

test('one entry is one line without control characters, however it was meant', () => {
  const hostile = 'a\nb\u001b[31m\u009b'
  const pretty = formatEntry('pretty', 0, 'warn', hostile, { path: hostile })
  expect(pretty).toBe('1970-01-01T00:00:00.000Z warn a?b?[31m? path="a\\nb\\u001b[31m?"')
  const json = formatEntry('json', 0, 'warn', hostile, { path: 'x' })
  expect(json).not.toContain('\n')
  expect(JSON.parse(json)).toMatchObject({ level: 'warn', path: 'x' })
})

test('an entry has a limit', () => {
  expect(formatEntry('pretty', 0, 'info', 'x'.repeat(100_000)).length).toBeLessThan(5000)
})

test('a JSON entry that is too long is still one, and a fact named as one of ours changes nothing', () => {
  const entry: unknown = JSON.parse(formatEntry('json', 0, 'warn', 'm', { reason: '"'.repeat(9000) }))
  expect(entry).toEqual({ time: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'm', cut: true })
  expect(JSON.parse(formatEntry('json', 0, 'warn', 'm', { level: 'x' }))).toMatchObject({ level: 'warn' })
})

/** A system whose descriptors are counted up, and of which `openAt` fails while `full` says so. */
const countingSystem = () => {
  const state = { full: false, next: 10, open: new Set<number>(), strayed: 0, renamed: 0, error: '' }
  const write = (fd: number, bytes: Uint8Array): number => {
    if (fd === 2) state.error += Buffer.from(bytes).toString()
    else if (!state.open.has(fd)) state.strayed++
    return bytes.length
  }
  const parts = {
    open: { writeOnly: 1, create: 2, append: 4, noFollow: 8, nonBlock: 16 },
    now: () => 0,
    encode: (text: string) => Buffer.from(text),
    openAt: () => {
      if (state.full) throw new SysError(24, 'open')
      state.open.add(++state.next)
      return state.next
    },
    statOf: () => ({ kind: 'file', size: 0 }),
    close: (fd: number) => {
      if (!state.open.delete(fd)) state.strayed++
    },
    renameAt: () => {
      state.renamed++
    },
    removeAt: () => undefined,
    write,
  }
  const sys: Sys = Object.assign(Object.create(null), parts)
  return { state, sys }
}

test.each([0, 2])('a log of %i old files that cannot be begun anew touches no descriptor but its own', logMaxFiles => {
  const { state, sys } = countingSystem()
  const log = makeLog(sys, { ...defaultConfig, logFile: '/l', logMaxBytes: 4096, logMaxFiles })
  state.full = true
  for (let count = 0; count < 200; count++) log.info('x'.repeat(100))
  // Not with each entry: the old files would all be gone.
  expect(state.renamed).toBeLessThan(8 * (logMaxFiles + 1))
  state.full = false
  for (let count = 0; count < 100; count++) log.info('x'.repeat(100))
  expect(state).toMatchObject({ strayed: 0, open: { size: 1 } })
  expect(state.error).toContain('x'.repeat(100))
})
