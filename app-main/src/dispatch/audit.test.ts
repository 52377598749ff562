import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAudit, redact } from './audit.ts'

describe('the audit log', () => {
  let folder = ''
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'audit-'))))
  afterEach(() => rm(folder, { recursive: true, maxRetries: 5 }))

  it('appends lines that only their owner can read', async () => {
    const path = join(folder, 'deep', 'audit.log')
    await createAudit(path).write({ call: 'a.b' })
    await createAudit(path).write({ call: 'c.d' })
    const lines = (await readFile(path, 'utf8')).trim().split('\n')
    expect(lines.map(line => (JSON.parse(line) as { call: string }).call)).toEqual(['a.b', 'c.d'])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('turns a full file over and keeps a bounded number', async () => {
    const path = join(folder, 'audit.log')
    const audit = createAudit(path)
    for (let turn = 0; turn < 7; turn++) {
      await writeFile(path, 'x'.repeat(1024 * 1024))
      await audit.write({ turn })
    }
    expect((await readdir(folder)).sort()).toEqual(['audit.log', ...[1, 2, 3, 4].map(age => `audit.log.${age}`)])
    expect(await readFile(path, 'utf8')).toMatch(/^\{.*"turn":6\}\n$/)
  })

  it('says so when it cannot be written, and keeps nobody from working', async () => {
    const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    await writeFile(join(folder, 'file'), '')
    await createAudit(join(folder, 'file', 'audit.log')).write({})
    expect(said).toHaveBeenCalledWith(expect.stringContaining('cannot be written'))
    said.mockRestore()
  })

  it('hides secrets and cuts bulk', () => {
    const input = { a: [{ adminPassword: 'p' }], xml: '<a passwd="p"/>', uri: 'qemu+tcp://ada:pw@host/system', n: 1 }
    expect(redact(input)).toEqual({
      a: [{ adminPassword: '[hidden]' }],
      xml: '[hidden]',
      uri: 'qemu+tcp://[hidden]@host/system',
      n: 1,
    })
    const spec = { args: ['sh'], env: { PGHOST: 'db', DATABASE_URL: 'postgres://ada:pw@db/' } }
    expect(redact({ spec })).toEqual({ spec: { args: ['sh'], env: { PGHOST: '[hidden]', DATABASE_URL: '[hidden]' } } })
    expect(redact('y'.repeat(5000))).toHaveLength(317)
  })
})
