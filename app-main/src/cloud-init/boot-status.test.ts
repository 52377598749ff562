import { describe, expect, it } from 'vitest'
import { readBootStatus } from './boot-status.ts'

const guest = (files: Readonly<Record<string, string>>) => readBootStatus(async path => files[path] ?? null)
const result = (v1: object) => JSON.stringify({ v1 })

describe('what cloud-init says of itself', () => {
  it('is nothing where it is not, and its stage while it works', async () => {
    expect(await guest({})).toEqual({ kind: 'absent' })
    expect(
      await guest({ '/run/cloud-init/status.json': result({ stage: 'modules-final', init: { errors: [] } }) }),
    ).toEqual({ kind: 'working', stage: 'modules-final' })
    expect(await guest({ '/run/cloud-init/status.json': result({ stage: null }) })).toEqual({
      kind: 'working',
      stage: null,
    })
  })

  it('is how it ended, also where there is no /run', async () => {
    const good = { datasource: 'DataSourceNoCloud [seed=/dev/vdb]', errors: [] }
    const ended = { kind: 'ended', datasource: good.datasource, errors: [] }
    for (const folder of ['/run', '/var/run']) {
      expect(await guest({ [`${folder}/cloud-init/result.json`]: result(good) })).toEqual(ended)
    }
    const bad = result({ datasource: null, errors: ['(‘runcmd’, failed)', { odd: 1 }] })
    expect(await guest({ '/run/cloud-init/result.json': bad })).toEqual({
      kind: 'ended',
      datasource: null,
      errors: ['(‘runcmd’, failed)', '{"odd":1}'],
    })
  })

  it('is looked for again when it is half written, and is never more than some plain text', async () => {
    const half = { '/run/cloud-init/result.json': '{"v1": {"errors"', '/run/cloud-init/status.json': '[' }
    expect(await guest(half)).toEqual({ kind: 'working', stage: null })
    const flood = result({ errors: Array.from({ length: 500 }, () => `\u001b[31m${'x'.repeat(5000)}`) })
    const told = await guest({ '/run/cloud-init/result.json': flood })
    if (told.kind !== 'ended') throw new Error('it ended')
    expect([told.errors.length, told.errors[0]?.length, told.errors[0]?.includes('\u001b')]).toEqual([20, 300, false])
  })
})
