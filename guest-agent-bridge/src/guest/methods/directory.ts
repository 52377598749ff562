/** Directories: list, create, remove. */
import { vireo } from '../../protocol/index.ts'
import { removeTree } from './remove-tree.ts'
import { handle, type Method, type MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { failedWith, type DirectoryItem } from '../sys.ts'
import { entryOf, Names } from './entry.ts'
import { indexAfter, pageOf } from './pages.ts'
import type { FrozenGuard } from './frozen.ts'

const byName = (a: DirectoryItem, b: DirectoryItem): number => (a.name < b.name ? -1 : Number(a.name > b.name))

/** An entry whose name is no UTF-8 cannot be asked for: it is shown, not lost. */
const unreadable = ({ name, kind }: DirectoryItem): vireo.Entry => ({
  name,
  type: kind === 'file' || kind === 'directory' || kind === 'link' ? kind : 'other',
  size_bytes: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  owner: null,
  group: null,
  modified_at_ms: 0,
  link_target: null,
})

const entryIn = (context: MethodContext, names: Names, directory: number, item: DirectoryItem): vireo.Entry | null => {
  const { sys } = context
  try {
    return entryOf(sys, names, directory, item.name, sys.statAt(directory, item.name))
  } catch (error) {
    if (!failedWith(error, 'ENOENT')) throw error
    return item.name.includes('\uFFFD') ? unreadable(item) : null
  }
}

const list = handle(vireo.directoryList, {
  cost: 'file',
  run: ({ path, after, limit }, context) => {
    const { access, sys, config } = context
    const { fd, path: real } = access.openDirectory(path)
    try {
      const items = sys.readDirectory(fd).toSorted(byName)
      const start = indexAfter(
        items.map(item => item.name),
        after,
      )
      const names = new Names(sys)
      const page = pageOf(items, start, limit, config, item => entryIn(context, names, fd, item))
      const last = page.items.at(-1)
      return {
        path: real,
        entries: page.items,
        next: page.more && last !== undefined ? last.name : null,
        total: items.length,
      }
    } finally {
      sys.close(fd)
    }
  },
})

/** The mode as asked, whatever the umask says. */
const makeDirectory = ({ sys }: MethodContext, directory: number, name: string, mode: number): void => {
  sys.makeDirectoryAt(directory, name, 0o700)
  const { readOnly, directory: onlyDirectory, noFollow, closeOnExec } = sys.open
  const fd = sys.openAt(directory, name, readOnly | onlyDirectory | noFollow | closeOnExec)
  try {
    sys.changeMode(fd, mode)
  } finally {
    sys.close(fd)
  }
}

const create = (frozen: FrozenGuard): Method =>
  handle(vireo.directoryCreate, {
    cost: 'file',
    audit: ['path'],
    run: ({ path, parents, mode }, context) => {
      frozen.refuse()
      const place = context.access.place(path, parents ? { createParents: 0o755 } : {})
      try {
        if (place.stat === null) {
          makeDirectory(context, place.directory, place.name, mode)
          return { path: place.path, created: true }
        }
        if (parents && place.stat.kind === 'directory') return { path: place.path, created: false }
        throw new RpcError('precondition', `Exists already: ${place.path}`)
      } finally {
        context.sys.close(place.directory)
      }
    },
  })

const remove = (frozen: FrozenGuard): Method =>
  handle(vireo.fileRemove, {
    cost: 'file',
    audit: ['path', 'recursive'],
    ownTimeout: true,
    run: async ({ path, recursive }, context) => {
      frozen.refuse()
      const { access, sys } = context
      const place = access.nameIn(path, 'write')
      try {
        if (place.stat === null) throw new RpcError('notFound', `File not found: ${path}`)
        if (place.stat.device !== sys.statOf(place.directory).device) {
          throw new RpcError('precondition', `A filesystem is mounted there: ${place.path}`)
        }
        if (place.stat.kind !== 'directory' || !recursive) {
          sys.removeAt(place.directory, place.name, place.stat.kind === 'directory' ? 'directory' : 'file')
          return { removed: 1 }
        }
        return { removed: await removeTree(context, place, place.stat.device) }
      } finally {
        sys.close(place.directory)
      }
    },
  })

export const directoryMethods = (frozen: FrozenGuard): readonly Method[] => [list, create(frozen), remove(frozen)]
