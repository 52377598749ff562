/** Reading files piece by piece. Whoever reads on where he stopped finds the file still open. */
import type { Asking, FileChunk } from '../guest-agent.ts'
import { badAnswer } from '../rpc-failure.ts'
import { output, type GuestShell } from '../shell/guest-shell.ts'
import { checkedPath } from './directory.ts'
import * as schema from './schema.ts'
import type { Talk } from './talk.ts'

/** An answer has to stay below libvirt's 4 MiB, and the guest's other questions wait for it. */
const MAX_CHUNK = 1024 * 1024
const IDLE_MS = 10_000
/** Opening anything but a file may never return, and qemu-ga with it. */
const IS_FILE = `
if [ -f "$1" ]; then exit 0
elif [ -d "$1" ]; then echo 'Is a directory' >&2
elif [ -e "$1" ]; then echo 'Is no ordinary file: that is not supported' >&2
else echo 'No such file or directory' >&2
fi
exit 1`

interface OpenFile {
  readonly path: string
  readonly handle: number
  offset: number
  timer: NodeJS.Timeout | undefined
}

const NEVER = new AbortController().signal

export class FileReader {
  readonly #talk: Talk
  /** Null where commands are blocked. */
  readonly #shell: GuestShell | null
  readonly #idle = new Set<OpenFile>()

  constructor(talk: Talk, shell: GuestShell | null) {
    this.#talk = talk
    this.#shell = shell
  }

  async read(path: string, offset: number, length: number, asking: Asking): Promise<FileChunk> {
    const file = this.#take(path, offset) ?? (await this.#open(checkedPath(path), offset, asking))
    try {
      const count = Math.max(1, Math.min(length, MAX_CHUNK))
      const args = { handle: file.handle, count }
      const answer = await this.#talk.ask('guest-file-read', schema.fileRead, { args, seconds: 30, ...asking })
      const bytes = Buffer.from(answer['buf-b64'], 'base64')
      if (bytes.length > count || bytes.length !== answer.count)
        throw badAnswer('guest-file-read', 'its length is wrong')
      file.offset += bytes.length
      if (answer.eof) this.#close(file)
      else this.#keep(file)
      return { bytes, eof: answer.eof }
    } catch (error) {
      this.#close(file)
      throw error
    }
  }

  /** Lets go of all files, without waiting. */
  dispose(): void {
    for (const file of this.#idle) this.#close(file)
  }

  #take(path: string, offset: number): OpenFile | undefined {
    const found = [...this.#idle].find(file => file.path === path && file.offset === offset)
    if (found === undefined) return undefined
    this.#idle.delete(found)
    clearTimeout(found.timer)
    return found
  }

  #keep(file: OpenFile): void {
    this.#idle.add(file)
    file.timer = setTimeout(() => this.#close(file), IDLE_MS)
    file.timer.unref()
  }

  async #open(path: string, offset: number, asking: Asking): Promise<OpenFile> {
    if (this.#shell !== null) await output(this.#shell, IS_FILE, [path], asking)
    const args = { path, mode: 'r' }
    const handle = await this.#talk.ask('guest-file-open', schema.handle, { args, ...asking }, late =>
      this.#close({ path, handle: late, offset, timer: undefined }),
    )
    const file: OpenFile = { path, handle, offset, timer: undefined }
    if (offset === 0) return file
    try {
      const seek = { handle, offset, whence: 0 }
      await this.#talk.ask('guest-file-seek', schema.nothing, { args: seek, ...asking })
      return file
    } catch (error) {
      this.#close(file)
      throw error
    }
  }

  #close(file: OpenFile): void {
    this.#idle.delete(file)
    clearTimeout(file.timer)
    const args = { handle: file.handle }
    // A guest that does not close it keeps it: there is nothing more to do.
    this.#talk.ask('guest-file-close', schema.nothing, { args, signal: NEVER }).catch(() => undefined)
  }
}
