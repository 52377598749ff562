import { readdirSync, readFileSync, existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { root } from './paths.mjs'

/**
 * The walls the compiler's project references do not see: rooms of one column that never import each other, and folders
 * only reached through somebody else.
 */
const columns = [
  [
    'app-main/src/libvirt',
    'app-main/src/host',
    'app-main/src/lxd',
    'app-main/src/ssh',
    'app-main/src/cloud-init',
    'app-main/src/answer-file',
    'app-main/src/image',
    'app-main/src/job',
  ],
  [
    'app-main/src/surface/web',
    'app-main/src/surface/cli',
    'app-main/src/surface/electron',
    'app-main/src/surface/address',
  ],
  ['app-main/src/hypervisor/kvm', 'app-main/src/hypervisor/lxd', 'app-main/src/hypervisor/virtualbox'],
]

const inside = (file, folder) => file.startsWith(`${folder}/`)

const imported = text => [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(match => match[1])

/** The imports of `text`, at `file`, that go through a wall; both paths relative to the root. */
export const brokenWalls = (file, text) => {
  const column = columns.find(rooms => rooms.some(room => inside(file, room)))
  if (!column) return []
  return imported(text)
    .map(target => relative(root, resolve(root, dirname(file), target)))
    .filter(target => column.some(room => inside(target, room) && !inside(file, room)))
    .map(target => `${file}: imports ${target}, a room of the same column`)
}

/** Every import in the repository that goes through a wall. */
export const importWalls = () => {
  const source = join(root, 'app-main/src')
  if (!existsSync(source)) return []
  return readdirSync(source, { recursive: true })
    .filter(file => /\.tsx?$/.test(file))
    .flatMap(file => brokenWalls(join('app-main/src', file), readFileSync(join(source, file), 'utf8')))
}
