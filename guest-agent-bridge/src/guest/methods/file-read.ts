/** Reading files, and what they are. */
import { vireo } from '../../protocol/index.ts'
import type { Opened } from '../access.ts'
import { readAll } from '../files.ts'
import { handle, WithData, type Method, type MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { SysError } from '../sys.ts'
import { strictText } from './bytes.ts'
import { entryOf, Names } from './entry.ts'
import { chunkBytes } from './pages.ts'

const SLICE_BYTES = 64 * 1024
const MAX_LINKS = 40

/** Opens, hands over and closes again. */
const withFile = <T>({ access, sys }: MethodContext, path: string, use: (file: Opened) => T): T => {
  const file = access.openFile(path, 'read')
  try {
    access.checkSize(file.stat.size)
    return use(file)
  } finally {
    sys.close(file.fd)
  }
}

/** Fills as much of the buffer as the file has: files in /proc give less at a time than they hold. */
const readFully = ({ sys }: MethodContext, fd: number, into: Uint8Array, position: number): number => {
  let used = 0
  while (used < into.length) {
    const count = sys.read(fd, into.subarray(used), position + used)
    if (count === 0) break
    used += count
  }
  return used
}

const read = handle(vireo.fileRead, {
  cost: 'file',
  run: ({ path, offset, length }, context) =>
    withFile(context, path, ({ fd, stat }) => {
      const most = chunkBytes(context.config)
      const buffer = new Uint8Array(Math.min(length ?? most, most))
      const bytes = readFully(context, fd, buffer, offset)
      const rest = {
        bytes,
        // Files in /proc call their size 0.
        eof: bytes < buffer.length || (stat.size > 0 && offset + bytes >= stat.size),
        size_bytes: stat.size,
        modified_at_ms: Math.trunc(stat.modifiedAt),
        mode: stat.mode,
      }
      return new WithData(rest, buffer.subarray(0, bytes))
    }),
})

const hash = async (context: MethodContext, fd: number): Promise<{ sha256: string; size_bytes: number }> => {
  const { sys, loop, signal } = context
  const sum = sys.sha256()
  const buffer = new Uint8Array(SLICE_BYTES)
  let size = 0
  for (;;) {
    if (signal.aborted) throw new RpcError('failed', signal.reason ?? 'Cancelled')
    const count = sys.read(fd, buffer, size)
    if (count === 0) return { sha256: sum.digest(), size_bytes: size }
    sum.update(buffer.subarray(0, count))
    size += count
    await loop.sleep(0)
  }
}

const checksum = handle(vireo.fileChecksum, {
  cost: 'file',
  ownTimeout: true,
  run: async ({ path }, context) => {
    const { fd, stat } = context.access.openFile(path, 'read')
    try {
      context.access.checkSize(stat.size)
      return await hash(context, fd)
    } finally {
      context.sys.close(fd)
    }
  },
})

const resolveLink = (place: string, target: string): string =>
  target.startsWith('/') ? target : `${place.slice(0, place.lastIndexOf('/') + 1)}${target}`

/** The entry of a name, of what it links to with `follow`; each step of a chain of links is a path of its own to the rules. */
const describe = (
  context: MethodContext,
  path: string,
  follow: boolean,
  links = 0,
): vireo.ResultOf<typeof vireo.fileStat> => {
  const { access, sys } = context
  const place = access.nameIn(path, 'read')
  try {
    if (place.stat === null) throw new RpcError('notFound', `File not found: ${path}`)
    const entry = entryOf(sys, new Names(sys), place.directory, place.name, place.stat)
    if (!follow || entry.link_target === null) return { entry, path: place.path }
    if (links === MAX_LINKS) throw new SysError(40, 'stat')
    return describe(context, resolveLink(place.path, entry.link_target), true, links + 1)
  } finally {
    sys.close(place.directory)
  }
}

/** `/`, and what ends in `.` or `..`, is no name in a folder. */
const describeFolder = ({ access, sys }: MethodContext, path: string): vireo.ResultOf<typeof vireo.fileStat> => {
  const folder = access.openDirectory(path, 'read')
  try {
    const name = folder.path.slice(folder.path.lastIndexOf('/') + 1)
    return { entry: entryOf(sys, new Names(sys), folder.fd, name || '/', folder.stat), path: folder.path }
  } finally {
    sys.close(folder.fd)
  }
}

const namesFolder = (path: string): boolean => {
  const last = path.split('/').findLast(component => component !== '') ?? '.'
  return last === '.' || last === '..'
}

const stat = handle(vireo.fileStat, {
  cost: 'file',
  run: ({ path, follow }, context) =>
    namesFolder(path) ? describeFolder(context, path) : describe(context, path, follow),
})

/** As KVM Manager's agent words its refusals. */
export const inSeedWords = (error: unknown, path: string, verb: 'read' | 'write'): unknown => {
  const title = verb === 'read' ? 'Read' : 'Write'
  if (error instanceof SysError) {
    if (error.code === 'ENOENT') return new RpcError('notFound', `File not found: ${path}`)
    return new RpcError('failed', `Failed to ${verb} file: ${error.message}`)
  }
  if (!(error instanceof RpcError)) return error
  if (error.code === -32001) return new RpcError('permission', `${title} access denied: ${path}`)
  if (error.code === -32602) return new RpcError('notFound', `Invalid path: ${path}`)
  return error
}

const readWhole = handle(vireo.fileReadWhole, {
  cost: 'file',
  run: ({ path, encoding }, context) => {
    if (encoding !== 'utf8' && encoding !== 'base64') {
      throw new RpcError('invalidParams', `Invalid parameters: unknown encoding ${encoding}`)
    }
    const { sys, config } = context
    try {
      return withFile(context, path, ({ fd, stat: { size } }) => {
        // JSON makes up to six bytes of one, base64 four of three.
        const most = encoding === 'base64' ? chunkBytes({ ...config, maxChunkBytes: Infinity }) : config.maxMessageBytes
        const bytes = size > most ? null : readAll(sys, fd, most + 1)
        if (bytes === null || bytes.length > most) {
          throw new RpcError(
            'failed',
            `File too large: ${size} bytes (max ${most} bytes in one message; use file.read)`,
          )
        }
        const content = encoding === 'base64' ? sys.toBase64(bytes) : strictText(sys, bytes)
        if (content === null) throw new RpcError('failed', 'Failed to read file: it is not UTF-8, use base64')
        return { content, size_bytes: bytes.length, encoding }
      })
    } catch (error) {
      throw inSeedWords(error, path, 'read')
    }
  },
})

export const fileReadMethods: readonly Method[] = [read, checksum, stat, readWhole]
