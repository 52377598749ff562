import { describe, expect, it } from 'vitest'
import { BootPhases } from './boot-phase.ts'

const heard = (...parts: readonly string[]) => {
  const phases = new BootPhases()
  const seen = parts.map(part => {
    phases.hear(Buffer.from(part))
    return phases.now?.phase ?? null
  })
  return { seen, phases }
}

/** As OVMF, GRUB, the kernel, systemd and cloud-init write it. */
const UEFI = [
  '\u001b[2J\u001b[01;01H\u001b[=3h\u001b[2J\u001b[01;01H',
  '\u001b[=3hBdsDxe: loading Boot0002 "UEFI Misc Device" from PciRoot(0x0)/Pci(0x2,0x0)\r\n',
  '\u001b[0m\u001b[30m\u001b[47mWelcome to GRUB!\n\r\n',
  "\r\u001b[0m\u001b[37m\u001b[40m    Booting `Linux'\r\n",
  '\r[    0.000000] Linux version 6.1.0-56-cloud-amd64 (debian-kernel@lists.debian.org)\r\n',
  '[   16.199284]  vda: vda1 vda14 vda15\r\n',
  '[   19.771455] systemd[1]: Detected virtualization qemu.\r\n\r\nWelcome to \u001b[1mDebian GNU/Linux 12\u001b[0m!\r\n',
  '[\u001b[0;32m  OK  \u001b[0m] Started \u001b[0;1;39mssh.service\u001b[0m.\r\n',
  "[   40.1] cloud-init[312]: Cloud-init v. 22.4.2 running 'init-local' at Sat, 21 Nov 2026. Up 39 seconds.\r\n",
  '\r\nDebian GNU/Linux 12 web ttyS0\r\n\r\nweb login: ',
]

describe('the phases of a start', () => {
  it('are read as they come, whatever the terminal was told besides', () => {
    const { seen, phases } = heard(...UEFI)
    expect(seen).toEqual([
      ...[null, 'firmware', 'loader', 'loader', 'kernel', 'kernel', 'system', 'system', 'cloud-init', 'login'],
    ])
    expect(phases.now?.line).toBe('web login:')
  })

  it('show the line said last, however the bytes were cut', () => {
    const phases = new BootPhases()
    for (const byte of Buffer.from(UEFI.slice(0, 8).join(''))) phases.hear(Buffer.of(byte))
    expect(phases.now).toEqual({ phase: 'system', line: '[ OK ] Started ssh.service.' })
  })

  it('begin anew with a restart, and do not go back for a word that came late', () => {
    const { seen } = heard('web login: \n', '[   50.000000] eth0: link up\n', '[    0.000000] Linux version 6.1\n')
    expect(seen).toEqual(['login', 'login', 'kernel'])
  })

  it.each([
    'error: no such device: 1234.\ngrub rescue> ',
    '[    1.5] Kernel panic - not syncing: VFS: Unable to mount root fs\n',
    'You are in emergency mode. After logging in, type "journalctl -xb"\n',
    'No bootable device.\n',
  ])('tell of a start that stands still: %j', words => {
    expect(heard('[    0.0] x\n', words).seen[1]).toBe('stopped')
  })

  it('are nothing where nothing known is said', () => {
    expect(heard('', '\u0000\u00ff\u00fe', 'hello\n', '\n\n\n').phases.now).toBeNull()
  })

  it('keep a hostile guest small, on one line and without control', () => {
    const { phases } = heard(
      `[    0.000000] Linux version 6 ${'\u202e\u001b]0;owned\u0007\u009b31m'.repeat(9)}\u0085\n`,
    )
    expect(phases.now?.line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/)
    const flooded = new BootPhases()
    for (let at = 0; at < 200; at++) flooded.hear(Buffer.alloc(64 * 1024, at % 2 === 0 ? '[' : 'x login: '))
    flooded.hear(Buffer.from(`\nBegin: ${'y'.repeat(30_000)}\n`))
    expect(flooded.now?.phase).toBe('system')
    expect(flooded.now?.line.length).toBeLessThanOrEqual(120)
  })
})
