import { describe, expect, it } from 'vitest'
import type { ConnectionUri } from '../contract/index.ts'
import { MemoryDriver } from './memory/driver.ts'
import { DriverRegistry } from './registry.ts'

const uri = (text: string) => text as ConnectionUri
const registry = new DriverRegistry([new MemoryDriver()])

describe('DriverRegistry', () => {
  it('gives a URI to the driver that serves it', () => {
    expect(registry.create(uri('memory:///a')).uri).toBe('memory:///a')
    expect(registry.accepts('memory:///a')).toBe(true)
  })

  it.each(['esx://host', 'nothing', 'vpx+https://h', 'http://x', '', '; rm -rf /'])(
    'refuses %j with the reason',
    text => {
      expect(registry.accepts(text)).toBe(false)
      expect(() => registry.create(uri(text))).toThrow(
        expect.objectContaining({
          detail: expect.objectContaining({ kind: 'connection', trouble: 'unsupported-driver' }),
        }),
      )
    },
  )

  it('says which of them could never work', () => {
    expect(() => registry.create(uri('hyperv://h'))).toThrow(/inside the client/)
  })

  it('has the defaults of all drivers, each once', async () => {
    expect(await new DriverRegistry([new MemoryDriver(), new MemoryDriver()]).defaults()).toEqual([])
  })
})
