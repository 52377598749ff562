/** How far a machine's start is, as far as its serial line tells. What stands there is the guest's word and bounded here. */
import { stripVTControlCharacters } from 'node:util'
import { plainText } from '@vireo/guest-agent-bridge/host'
import type { BootPhase } from '../../contract/index.ts'

type Phase = BootPhase['phase']

/** Characters of a line that are looked at; the rest of it is not kept. */
const LOOKED_AT = 512
const SHOWN = 120
/** Bytes looked at in one go: whoever floods the line is heard now and then. */
const MOST_AT_ONCE = 64 * 1024

const ORDER: readonly Phase[] = ['firmware', 'loader', 'kernel', 'system', 'cloud-init', 'login']

/** Those of firmware and loaders hold what node's own stripping does not know. */
const ESCAPES = /\u001b\[[0-?]*[ -/]*[@-~]/g

/** The first that fits counts. */
const SIGNS: readonly (readonly [Phase, RegExp])[] = [
  ['stopped', /Kernel panic - not syncing|grub rescue>|No bootable device|You are in (?:emergency|rescue) mode/],
  ['stopped', /Entering emergency mode|BdsDxe: No bootable option|mountroot>$/],
  ['firmware', /^(?:BdsDxe: |UEFI firmware|SeaBIOS |iPXE |>>Start PXE|Booting from (?:Hard Disk|DVD|ROM|Floppy))/],
  ['loader', /GNU GRUB|Welcome to GRUB|^Loading (?:Linux|initial ramdisk|kernel|initrd)|SYSLINUX|ISOLINUX/],
  ['loader', /^Booting [`'"]|^Booting a command list|EFI stub: |Loading \/boot\/|BTX loader|FreeBSD EFI boot/],
  ['kernel', /^\[ *0\.000000\](?:\[ *T?\d+\])? |\bLinux version \d|^Copyright \(c\) 1992.*FreeBSD Project/],
  ['cloud-init', /\bcloud-init\[\d+\]: |\bCloud-init v\. \d|^ci-info: /],
  ['login', /^\S{1,64} login:$/],
  [
    'system',
    /^\[ *\d+\.\d+\](?:\[ *T?\d+\])? systemd\[1\]: |^systemd\[1\]: |^Welcome to .{1,80}!$|Run \/s?bin\/init as init/,
  ],
  [
    'system',
    /^\[ {0,2}(?:OK|FAILED|INFO) {0,2}\] |^Starting .+\.\.\.$|OpenRC \d|^INIT: |^\* .+ \.\.\.|^Begin: |^\/etc\/rc/,
  ],
  ['kernel', /^\[ *\d+\.\d+\]/],
]

/** What begins anew when a machine starts again. */
const BEGINS: readonly Phase[] = ['firmware', 'loader', 'stopped']
const STARTS_KERNEL = /^\[ *0\.000000\]/

export class BootPhases {
  #now: BootPhase | null = null
  #rest = ''

  /** Null: nothing was said yet that tells. */
  get now(): BootPhase | null {
    return this.#now
  }

  hear(bytes: Uint8Array): void {
    const text = Buffer.from(bytes.subarray(-MOST_AT_ONCE)).toString('latin1')
    const lines = (this.#rest + text).split(/[\r\n]+/)
    this.#rest = (lines.pop() ?? '').slice(-2 * LOOKED_AT)
    for (const line of lines) this.#look(line)
    // A prompt stays without an end.
    if (this.#rest.endsWith(': ') || this.#rest.endsWith('> ') || this.#rest.endsWith('>')) this.#look(this.#rest)
  }

  #look(raw: string): void {
    const text = Buffer.from(raw.slice(0, LOOKED_AT), 'latin1').toString('utf8')
    const line = stripVTControlCharacters(text.replaceAll(ESCAPES, '')).trim()
    if (line === '') return
    const found = SIGNS.find(([, sign]) => sign.test(line))?.[0]
    const phase = this.#following(found, line)
    if (phase === null) return
    this.#now = { phase, line: plainText(line.replaceAll(/\s+/g, ' '), SHOWN) }
  }

  /** A start goes on, and only what stands at the very beginning of one leads back. */
  #following(found: Phase | undefined, line: string): Phase | null {
    const before = this.#now?.phase ?? null
    if (found === undefined || before === null) return found ?? before
    if (BEGINS.includes(found) || STARTS_KERNEL.test(line)) return found
    return ORDER.indexOf(found) > ORDER.indexOf(before) ? found : before
  }
}
