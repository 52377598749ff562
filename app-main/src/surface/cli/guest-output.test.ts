import { describe, expect, it } from 'vitest'
import type { GuestEntry, GuestTelemetry } from '../../contract/index.ts'
import { humanOutput } from './output.ts'
import { telemetryLines } from './telemetry-text.ts'
import { width } from './text.ts'

const EVIL = 'a\u001b[31m\nb'
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/

describe('what a guest says, for people', () => {
  const file: GuestEntry = {
    ...{ name: EVIL, type: 'file', sizeBytes: 2048, mode: 0o640, owner: 'root', group: 'adm', modifiedAt: 0 },
    linkTarget: null,
  }
  it('is a table of a folder', () => {
    const shown = humanOutput('guest', 'list', [
      file,
      { ...file, name: 'z', type: 'link', linkTarget: '/x', mode: null },
    ])
    const [heading, first, second, ...others] = shown.split('\n')
    expect(heading).toMatch(/^MODE +OWNER +GROUP +SIZE +CHANGED +NAME$/)
    expect(first).toMatch(/^-rw-r----- +root +adm +2 KiB +1970-01-01 00:00 +a\\u\{1b\}\[31m\\u\{a\}b$/)
    expect(second).toMatch(/^l\?{9}.* z -> \/x$/)
    expect(others).toEqual([])
  })

  it('tells who answers, and what it cannot do', () => {
    const agent = { dialect: 'qemu-ga', state: 'answering', reason: null, version: '7.2', features: { services: EVIL } }
    const shown = humanOutput('guest', 'status', { id: 'x@y', agents: [agent], primary: 'qemu-ga' })
    expect(shown).toContain('No services')
    expect(shown).not.toMatch(CONTROL)
  })

  it('says which processors a guest uses', () => {
    const shown = humanOutput('guest', 'cpus', [
      { id: 0, online: true, canOffline: false },
      { id: 1, online: false, canOffline: null },
    ])
    expect(shown.split('\n').map(line => line.split(/ {2,}/))).toEqual([
      ['CPU', 'STATE', 'CAN GO OFFLINE'],
      ['0', 'online', 'no'],
      ['1', 'offline', '-'],
    ])
  })

  it('has a line for every process', () => {
    const one = {
      pid: 1,
      parentPid: null,
      name: 'init',
      command: null,
      user: null,
      cpuPercent: 1.25,
      memoryBytes: null,
    }
    const shown = humanOutput('guest', 'processes', [{ ...one, state: 'S', startedAt: null }])
    expect(shown.split('\n')[1]).toMatch(/^1 +- +- +S +1\.3 +- +\[init\]$/)
  })
})

describe('a measurement', () => {
  const sample: GuestTelemetry = {
    ...{ at: 10_000, cpuPercent: 50, memoryTotalBytes: 4096, memoryAvailableBytes: 1024, swapTotalBytes: 0 },
    ...{ swapUsedBytes: 0, load: [1, 2, 3], processCount: 7, uptimeSeconds: 90_061 },
    filesystems: [{ mountPoint: EVIL, device: null, type: null, totalBytes: 100, usedBytes: 25, availableBytes: 75 }],
    interfaces: [
      { name: 'eth0', mac: null, addresses: ['10.0.0.1/24'], up: true, mtu: 1500, receivedBytes: 3072, sentBytes: 0 },
    ],
  }
  const before = { ...sample, at: 8000, interfaces: sample.interfaces.map(one => ({ ...one, receivedBytes: 1024 })) }

  it('has bars, rates and no line that is too wide or hostile', () => {
    const lines = telemetryLines({ name: EVIL, sample, before, processes: [] }, 80)
    const text = lines.join('\n')
    expect(text).toContain('1 d 1 h 1 min')
    expect(text).toMatch(/CPU +#{12}\.{12} +50\.0 %/)
    expect(text).toMatch(/Mem +#{18}\.{6} +3 KiB of 4 KiB, 75\.0 %/)
    expect(text).not.toContain('Swap')
    expect(text).toMatch(/eth0 +1 KiB\/s +0 B\/s +10\.0\.0\.1\/24/)
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(80)
    expect(text).not.toMatch(CONTROL)
  })
})
