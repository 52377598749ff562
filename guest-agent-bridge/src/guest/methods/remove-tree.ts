/** Removes a directory with all in it, on descriptors: no link that somebody puts there meanwhile is ever followed. */
import type { Place } from '../access.ts'
import type { MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { failedWith, type DirectoryItem } from '../sys.ts'

/** Each level holds a descriptor open. */
const MAX_DEPTH = 256
/** So often others get their turn. */
const BATCH = 200

interface Level {
  readonly fd: number
  readonly parent: number
  readonly name: string
  readonly items: DirectoryItem[]
}

class Removal {
  readonly #context: MethodContext
  readonly #device: string
  readonly #levels: Level[] = []
  removed = 0

  constructor(context: MethodContext, device: string) {
    this.#context = context
    this.#device = device
  }

  enter(parent: number, name: string): void {
    const { sys } = this.#context
    if (this.#levels.length === MAX_DEPTH) throw new RpcError('failed', `More than ${MAX_DEPTH} directories deep`)
    const { readOnly, directory, noFollow, closeOnExec } = sys.open
    const fd = sys.openAt(parent, name, readOnly | directory | noFollow | closeOnExec)
    try {
      if (sys.statOf(fd).device !== this.#device) {
        throw new RpcError('precondition', `A filesystem is mounted below: ${name}`)
      }
      this.#levels.push({ fd, parent, name, items: sys.readDirectory(fd) })
    } catch (error) {
      sys.close(fd)
      throw error
    }
  }

  /** One entry, or the way up from an empty directory; false when all is done. */
  step(): boolean {
    const level = this.#levels.at(-1)
    if (level === undefined) return false
    const item = level.items.pop()
    if (item === undefined) this.#leave(level)
    else this.#removeItem(level.fd, item)
    return true
  }

  #leave(level: Level): void {
    const { sys } = this.#context
    this.#levels.pop()
    sys.close(level.fd)
    sys.removeAt(level.parent, level.name, 'directory')
    this.removed++
  }

  #removeItem(directory: number, item: DirectoryItem): void {
    const { sys } = this.#context
    try {
      const kind = item.kind ?? sys.statAt(directory, item.name).kind
      if (kind === 'directory') return this.enter(directory, item.name)
      sys.removeAt(directory, item.name, 'file')
      this.removed++
    } catch (error) {
      // Somebody else removed it.
      if (!failedWith(error, 'ENOENT')) throw error
    }
  }

  close(): void {
    for (const { fd } of this.#levels) this.#context.sys.close(fd)
  }
}

/** Gives how many names are gone. What was removed before a failure stays removed. */
export const removeTree = async (context: MethodContext, place: Place, device: string): Promise<number> => {
  const removal = new Removal(context, device)
  try {
    removal.enter(place.directory, place.name)
    for (let steps = 1; removal.step(); steps++) {
      if (steps % BATCH !== 0) continue
      await context.loop.sleep(0)
      if (context.signal.aborted) throw new RpcError('failed', context.signal.reason ?? 'Cancelled')
    }
    return removal.removed
  } finally {
    removal.close()
  }
}
