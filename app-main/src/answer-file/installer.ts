/** Which installers can be answered, and how each gets its answers without a change to its medium. */
import type { AnswerDraft, Answers } from './answer-draft.ts'
import { autoinstall } from './autoinstall.ts'
import { preseed } from './preseed.ts'

export type InstallerKind = 'debian' | 'ubuntu'

/** The last one named is where a person looks first. */
const CONSOLES = 'console=ttyS0,115200n8 console=tty0'
/** Without the first Linux panics where its timer is late, and what the second leaves out only costs time in emulation. */
const EMULATED = ' no_timer_check mitigations=off'
const optionsOf = ({ emulated }: AnswerDraft): string => `${CONSOLES}${emulated ? EMULATED : ''}`

/** Of libosinfo's name of a system, for instance `http://debian.org/debian/12`; null where nobody can answer for a person. */
export const installerOf = (osId: string | null): InstallerKind | null => {
  if (osId === null) return null
  if (/^https?:\/\/debian\.org\/debian\/(?:1[1-9]|[2-9]\d|testing)$/.test(osId)) return 'debian'
  return /^https?:\/\/ubuntu\.com\/ubuntu\/(?:2[2-9]|[3-9]\d)\.\d\d$/.test(osId) ? 'ubuntu' : null
}

const MAKERS: Readonly<Record<InstallerKind, (draft: AnswerDraft) => Answers>> = {
  debian: draft => {
    const text = preseed(draft)
    return {
      ...{ text, initrd: [{ name: 'preseed.cfg', text }], userData: draft.userData },
      // Its installer leaves its network to the system: set up twice, a card is set up badly.
      networkConfig: draft.plainNetwork ? 'config: disabled\n' : draft.networkConfig,
      commandLine: `auto=true priority=critical ${optionsOf(draft)}`,
      kernel: ['/install.amd/vmlinuz', '/install.a64/vmlinuz'],
      ramdisk: ['/install.amd/initrd.gz', '/install.a64/initrd.gz'],
    }
  },
  ubuntu: draft => {
    const text = autoinstall(draft)
    return {
      ...{ text, initrd: [], userData: text, networkConfig: draft.networkConfig },
      // Without this word it would ask whether it may overwrite the disk.
      commandLine: `autoinstall ${optionsOf(draft)}`,
      kernel: ['/casper/vmlinuz', '/casper/hwe-vmlinuz'],
      ramdisk: ['/casper/initrd', '/casper/hwe-initrd'],
    }
  },
}

/** Throws `invalid-input` for an answer that would be more than its field. */
export const answersFor = (kind: InstallerKind, draft: AnswerDraft): Answers => MAKERS[kind](draft)
