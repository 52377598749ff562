/** Tells the disk which blocks are free. */
import { vireo } from '../../protocol/index.ts'
import { handle, type Method, type MethodContext } from '../method.ts'
import { allMounts, isDisk, visibleMounts, type Mount } from '../mounts.ts'
import { RpcError } from '../rpc-error.ts'
import type { Sys } from '../sys.ts'
import { complaintOf, runTool } from './programs.ts'
import type { FrozenGuard } from './frozen.ts'

const TRIM_MS = 300_000

type Trimmed = vireo.ResultOf<typeof vireo.filesystemTrim>['filesystems'][number]

/** `/: 1.2 GiB (1288490188 bytes) trimmed on /dev/vda1`, or without the rest; busybox writes `/: 1288490188 bytes trimmed`. */
export const trimmedBytes = (output: string): number => {
  const match = /\((\d{1,15}) bytes\) trimmed/.exec(output) ?? /: (\d{1,15}) bytes trimmed/.exec(output)
  return Number(match?.[1] ?? 0)
}

/** One of those that show the same filesystem. */
const targets = (sys: Sys, wanted: readonly string[] | undefined): Mount[] => {
  const mounts = visibleMounts(allMounts(sys))
  if (wanted === undefined) {
    const first = new Map(mounts.toReversed().map(mount => [mount.device, mount]))
    return [...first.values()].filter(mount => isDisk(mount) && !mount.readOnly).toReversed()
  }
  return wanted.map(path => {
    const mount = mounts.find(candidate => candidate.mountPoint === path)
    if (mount === undefined) throw new RpcError('notFound', `Nothing is mounted at ${path}`)
    return mount
  })
}

const trimOne = async (context: MethodContext, { mountPoint }: Mount): Promise<Trimmed> => {
  const end = await runTool(context, { args: ['fstrim', '-v', '--', mountPoint], timeout: TRIM_MS })
  const error = end.timedOut ? 'It took too long' : complaintOf(context, end)
  if (end.code !== 0) return { mount_point: mountPoint, trimmed_bytes: 0, error }
  return { mount_point: mountPoint, trimmed_bytes: trimmedBytes(context.sys.decode(end.stdout)), error: null }
}

export const trimMethods = (frozen: FrozenGuard): readonly Method[] => [
  handle(vireo.filesystemTrim, {
    unprivileged: false,
    cost: 'command',
    audit: ['mount_points'],
    ownTimeout: true,
    run: async ({ mount_points }, context) => {
      frozen.refuse()
      const filesystems: Trimmed[] = []
      for (const mount of targets(context.sys, mount_points)) filesystems.push(await trimOne(context, mount))
      return { trimmed_bytes: filesystems.reduce((sum, { trimmed_bytes }) => sum + trimmed_bytes, 0), filesystems }
    },
  }),
]
