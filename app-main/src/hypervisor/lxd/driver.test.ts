import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ConnectionUri } from '../../contract/index.ts'
import { LxdDriver } from './driver.ts'

const driver = new LxdDriver()
afterEach(() => vi.unstubAllEnvs())

describe('LxdDriver', () => {
  it('serves lxd and incus, and leaves others alone', () => {
    expect(['lxd:///', 'incus:///?project=web', 'lxd://far/'].every(uri => driver.accepts(uri))).toBe(true)
    expect(['qemu:///system', 'lxc:///', 'memory:///a', ''].some(uri => driver.accepts(uri))).toBe(false)
  })

  it('says why an address cannot be served', () => {
    expect(() => driver.create('lxd://far/' as ConnectionUri)).toThrow(/other computers/)
  })

  it('offers a daemon whose socket is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lxd-'))
    vi.stubEnv('LXD_DIR', folder)
    vi.stubEnv('INCUS_DIR', join(folder, 'absent'))
    expect(await driver.defaults()).toEqual([])
    await writeFile(join(folder, 'unix.socket'), '')
    expect(await driver.defaults()).toEqual(['lxd:///'])
    await rm(folder, { recursive: true })
  })
})
