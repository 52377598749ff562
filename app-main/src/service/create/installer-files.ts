/** Kernel and ramdisk of an installation medium, taken out of it. The medium itself is only read. */
import { lstat, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appendFiles, type Answers } from '../../answer-file/index.ts'
import { RemoteError } from '../../contract/index.ts'
import { needTool, runTool } from '../../image/run-tool.ts'

const DEADLINE_MS = 120_000
/** Bytes. Ubuntu's ramdisks have some 80 MB. */
const MOST_BYTES = 512 * 2 ** 20

export interface InstallerFiles {
  readonly kernel: Buffer
  readonly ramdisk: Buffer
}

/** The first of these that the medium has. What it holds may be anything, a link to a file of this computer included. */
const firstOf = async (iso: string, names: readonly string[], place: string, signal: AbortSignal): Promise<Buffer> => {
  const xorriso = needTool('xorriso', 'xorriso')
  for (const [index, name] of names.entries()) {
    const path = `${place}-${index}`
    const args = ['-no_rc', '-abort_on', 'NEVER', '-osirrox', 'on', '-indev', `stdio:${iso}`, '-extract', name, path]
    await runTool(xorriso, args, { signal, ms: DEADLINE_MS })
    const facts = await lstat(path).catch(() => undefined)
    if (facts?.isFile() && facts.size > 0 && facts.size <= MOST_BYTES) return readFile(path)
    await rm(path, { recursive: true, force: true })
  }
  throw new RemoteError({
    kind: 'unsupported',
    message: `The medium has no ${names[0] ?? 'kernel'}, so its installer cannot be answered.`,
    hint: 'Use Debian’s netinst or DVD, or Ubuntu’s live server; live and desktop media are made otherwise.',
  })
}

/** Throws `unsupported` for a medium that has them elsewhere, and where xorriso is missing. */
export const installerFiles = async (iso: string, answers: Answers, signal: AbortSignal): Promise<InstallerFiles> => {
  const folder = await mkdtemp(join(tmpdir(), 'vireo-installer-'))
  try {
    const kernel = await firstOf(iso, answers.kernel, join(folder, 'kernel'), signal)
    const ramdisk = await firstOf(iso, answers.ramdisk, join(folder, 'ramdisk'), signal)
    return { kernel, ramdisk: appendFiles(ramdisk, answers.initrd) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
