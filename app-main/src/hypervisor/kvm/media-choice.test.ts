import { describe, expect, it } from 'vitest'
import type { DriveXml } from '../../libvirt/xml/media.ts'
import { chosenDrive } from './media-choice.ts'

const drive = (target: string, source: string | null = null): DriveXml => ({ target, bus: 'sata', source, open: false })
const failing = (kind: string) => expect.objectContaining({ detail: expect.objectContaining({ kind }) })

describe('the drive that is meant', () => {
  it('is the one that is named, and no other', () => {
    expect(chosenDrive('web', [drive('sda'), drive('sdb')], { drive: 'sdb', path: '/a.iso' })).toBe('sdb')
    expect(() => chosenDrive('web', [drive('sda')], { drive: 'sdb', path: null })).toThrow(failing('not-found'))
    expect(() => chosenDrive('web', [], { drive: 'sda', path: '/a.iso' })).toThrow(failing('not-found'))
  })

  it('is the only one that holds something, when it is to be emptied', () => {
    expect(chosenDrive('web', [drive('sda'), drive('sdb', '/a.iso')], { path: null })).toBe('sdb')
    expect(() => chosenDrive('web', [drive('sda')], { path: null })).toThrow(failing('precondition'))
    const full = [drive('sda', '/a.iso'), drive('sdb', '/b.iso')]
    expect(() => chosenDrive('web', full, { path: null })).toThrow(failing('ambiguous'))
  })

  it('is an empty one for a medium, else the only one, else a new one', () => {
    expect(chosenDrive('web', [drive('sda', '/a.iso'), drive('sdb')], { path: '/c.iso' })).toBe('sdb')
    expect(chosenDrive('web', [drive('sda', '/a.iso')], { path: '/c.iso' })).toBe('sda')
    expect(chosenDrive('web', [], { path: '/c.iso' })).toBeNull()
    const full = [drive('sda', '/a.iso'), drive('sdb', '/b.iso')]
    expect(() => chosenDrive('web', full, { path: '/c.iso' })).toThrow(failing('ambiguous'))
  })
})
