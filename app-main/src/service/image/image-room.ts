import { join } from 'node:path'
import type { DisposableStore } from '../../base/disposable.ts'
import type { VireoPublish } from '../../contract/index.ts'
import { imageFolder } from '../../image/image-cache.ts'
import type { ImageBuilder } from '../../image/mirror-build.ts'
import type { ImageHold } from '../create/source.ts'
import { NO_MACHINES, type MachineFiles } from '../create/stale-copies.ts'
import type { TaskRegistry } from '../task/task-registry.ts'
import { imageHandlers } from './handlers.ts'
import { ImageDesk } from './image-desk.ts'
import { imageFile } from './image-file.ts'
import { NO_DISKS, type FindMachineDisk } from './machine-disk.ts'
import { resolveImage } from './resolve-image.ts'

export interface ImageRoomOptions {
  readonly tasks: TaskRegistry
  readonly publish: VireoPublish
  readonly owned: DisposableStore
  readonly configFolder: string
  /** Where the Vireo agent's files lie. */
  readonly agentFolder?: string | undefined
  /** Nobody is asked where there are no machines. */
  readonly machines?: MachineFiles | undefined
  /** Without it no image can be made of a machine. */
  readonly diskOf?: FindMachineDisk | undefined
  /** Another cache than this user's, for tests. */
  readonly folder?: string | undefined
  readonly builder?: ImageBuilder | undefined
}

/** Keeps images for the machines built on them. */
const imageHold = ({ store: { cache } }: ImageDesk): ImageHold => ({
  reserve: async (path, user) => {
    const sha256 = cache.digestAt(path)
    if (sha256 !== undefined) await cache.reserve(sha256, user)
  },
  settle: async (path, user) => {
    const sha256 = cache.digestAt(path)
    if (sha256 !== undefined) await cache.settle(sha256, user)
  },
})

/** Looks at nothing and asks nobody before somebody does. */
export const imageRoom = ({
  tasks,
  publish,
  owned,
  configFolder,
  agentFolder,
  machines = NO_MACHINES,
  diskOf = NO_DISKS,
  folder = imageFolder(),
  builder,
}: ImageRoomOptions) => {
  const file = imageFile(join(configFolder, 'images.json'))
  const keyFolder = join(configFolder, 'image-keys')
  const desk = owned.add(new ImageDesk({ folder, file, keyFolder, agentFolder, builder }))
  return {
    handlers: imageHandlers({ desk, tasks, publish, machines, diskOf }),
    resolve: resolveImage(desk),
    hold: imageHold(desk),
  }
}
