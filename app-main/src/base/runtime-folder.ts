/** Where Vireo's processes of one user meet. */
import { chmod, lstat, mkdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RemoteError } from '../contract/index.ts'

/** After `su` or `sudo` the variable may name the folder of somebody else, and without a login session none at all. */
const isOwn = async (folder: string, uid: number): Promise<boolean> => {
  const found = await stat(folder).catch(() => undefined)
  return found !== undefined && found.isDirectory() && found.uid === uid
}

/**
 * Makes (once) and gives the folder: `$XDG_RUNTIME_DIR/vireo`, else `vireo-<uid>` among the temporary files. Throws
 * `permission` when what stands there is not a folder of this user: somebody may be listening in.
 * `app-main/tools/server-process.mjs` knows the same places.
 */
export const runtimeFolder = async (environment: NodeJS.ProcessEnv = process.env): Promise<string> => {
  const uid = process.getuid?.() ?? 0
  const runtime = environment['XDG_RUNTIME_DIR']
  const own = runtime !== undefined && (await isOwn(runtime, uid))
  const folder = own ? join(runtime, 'vireo') : join(tmpdir(), `vireo-${uid}`)
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  const found = await lstat(folder)
  if (!found.isDirectory() || found.uid !== uid)
    throw new RemoteError({
      kind: 'permission',
      message: `“${folder}” is not a folder of this user.`,
      hint: 'Remove it, or set XDG_RUNTIME_DIR.',
    })
  if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700)
  return folder
}
