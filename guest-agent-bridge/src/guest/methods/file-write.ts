/** Writing files. */
import { vireo } from '../../protocol/index.ts'
import { handle, type Method, type MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { failedWith } from '../sys.ts'
import { dataOf, fromBase64 } from './bytes.ts'
import { inSeedWords } from './file-read.ts'
import type { FrozenGuard } from './frozen.ts'
import { chunkBytes } from './pages.ts'
import { Uploads } from './uploads.ts'

const parents = (create: boolean): { createParents?: number } => (create ? { createParents: 0o755 } : {})

const begin = (uploads: Uploads, frozen: FrozenGuard): Method =>
  handle(vireo.fileWriteBegin, {
    cost: 'file',
    audit: ['path', 'mode', 'owner', 'group'],
    run: ({ path, create_parents, resume, key, ...params }, context) => {
      frozen.refuse()
      if (resume !== undefined && key !== undefined) {
        throw new RpcError('invalidParams', 'Invalid parameters: give either resume or key')
      }
      context.access.checkSize(params.size_bytes ?? 0)
      const place = context.access.place(path, parents(create_parents))
      const upload = uploads.begin(context, place, params, { resume, key })
      return { upload: upload.token, offset: upload.size, max_chunk_bytes: chunkBytes(context.config) }
    },
  })

const chunk = (uploads: Uploads, frozen: FrozenGuard): Method =>
  handle(vireo.fileWriteChunk, {
    cost: 'none',
    run: ({ upload, offset, data }, context) => {
      frozen.refuse()
      const bytes = dataOf(context, data)
      context.access.checkSize(offset + bytes.length)
      return { offset: uploads.write(upload, offset, bytes) }
    },
  })

const commit = (uploads: Uploads, frozen: FrozenGuard): Method =>
  handle(vireo.fileWriteCommit, {
    cost: 'none',
    ownTimeout: true,
    run: async ({ upload, sha256 }, context) => {
      frozen.refuse()
      const { path, size } = await uploads.commit(context, upload, sha256)
      return { path, bytes_written: size }
    },
  })

const abort = (uploads: Uploads, frozen: FrozenGuard): Method =>
  handle(vireo.fileWriteAbort, {
    run: ({ upload }) => {
      frozen.refuse()
      uploads.abort(upload)
      return {}
    },
  })

type WholeParams = vireo.ParamsOf<typeof vireo.fileWriteWhole>

const bytesOf = ({ content, encoding }: WholeParams, { sys }: MethodContext): Uint8Array => {
  if (encoding === 'utf8') return sys.encode(content)
  if (encoding === 'base64') return fromBase64(sys, content)
  throw new RpcError('invalidParams', `Invalid parameters: unknown encoding ${encoding}`)
}

const writeWhole = async (
  uploads: Uploads,
  params: WholeParams,
  bytes: Uint8Array,
  context: MethodContext,
): Promise<vireo.ResultOf<typeof vireo.fileWriteWhole>> => {
  context.access.checkSize(bytes.length)
  const place = context.access.place(params.path, parents(params.create_dirs))
  const mode = params.permissions == null ? {} : { mode: Number.parseInt(params.permissions, 8) }
  const upload = uploads.begin(context, place, { size_bytes: bytes.length, overwrite: true, ...mode })
  try {
    uploads.write(upload.token, 0, bytes)
  } catch (error) {
    uploads.abort(upload.token)
    throw error
  }
  await uploads.commit(context, upload.token, undefined)
  return { bytes_written: bytes.length, path: upload.path }
}

const whole = (uploads: Uploads, frozen: FrozenGuard): Method =>
  handle(vireo.fileWriteWhole, {
    cost: 'file',
    audit: ['path', 'permissions'],
    run: async (params, context) => {
      frozen.refuse()
      const bytes = bytesOf(params, context)
      try {
        return await writeWhole(uploads, params, bytes, context)
      } catch (error) {
        if (failedWith(error, 'ENOENT')) {
          const parent = params.path.slice(0, params.path.lastIndexOf('/')) || '/'
          throw new RpcError('notFound', `Parent directory does not exist: ${parent}`)
        }
        throw inSeedWords(error, params.path, 'write')
      }
    },
  })

export const fileWriteMethods = (frozen: FrozenGuard): readonly Method[] => {
  const uploads = new Uploads()
  return [begin, chunk, commit, abort, whole].map(make => make(uploads, frozen))
}
