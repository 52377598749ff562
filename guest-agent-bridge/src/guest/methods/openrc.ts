/** Services under OpenRC: its state is a folder of links a state, its runlevels are folders of links as well. */
import type { vireo } from '../../protocol/index.ts'
import { namesIn, readText } from '../files.ts'
import type { MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { failedWith, here, type Sys } from '../sys.ts'
import { outputOf } from './programs.ts'

const CONTROL_MS = 90_000

export interface OpenRcFolders {
  /** Where OpenRC keeps what it did since boot. */
  readonly state: string
  readonly scripts: string
  readonly runlevels: string
}

export const openRcFolders: OpenRcFolders = {
  state: '/run/openrc',
  scripts: '/etc/init.d',
  runlevels: '/etc/runlevels',
}

/** Folder of OpenRC to state, the stronger ones first. */
const states = [
  ['failed', 'failed'],
  ['starting', 'starting'],
  ['stopping', 'stopping'],
  ['started', 'running'],
  ['inactive', 'stopped'],
] as const satisfies readonly (readonly [string, vireo.Service['state']])[]

/** `description="..."` of an init script, which is shell: only a plain text is taken. */
const descriptionOf = (script: string): string | null => /^description="([^"$`\\]*)"/m.exec(script)?.[1] || null

/** OpenRC's own on Debian, which are no services. */
const ownScripts = new Set(['rc', 'rcS'])

/** OpenRC runs its own scripts and those of the LSB, which Debian's packages have. */
const isService = (script: string): boolean =>
  /^#!.*(openrc-run|runscript)/.test(script) || script.includes('### BEGIN INIT INFO')

const isScript = (sys: Sys, path: string): boolean => {
  try {
    const { kind, mode } = sys.statAt(here, path, true)
    return kind === 'file' && (mode & 0o111) !== 0
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ELOOP')) return false
    throw error
  }
}

export const readServices = (sys: Sys, folders: OpenRcFolders): vireo.Service[] => {
  const enabled = new Set(
    namesIn(sys, folders.runlevels).flatMap(level => namesIn(sys, `${folders.runlevels}/${level}`)),
  )
  const inState = states.map(([folder, state]) => [state, new Set(namesIn(sys, `${folders.state}/${folder}`))] as const)
  return namesIn(sys, folders.scripts).flatMap(name => {
    const path = `${folders.scripts}/${name}`
    if (ownScripts.has(name) || !isScript(sys, path)) return []
    const script = readText(sys, path, 16_384) ?? ''
    if (!isService(script)) return []
    const state = inState.find(([, names]) => names.has(name))?.[0] ?? 'stopped'
    return [{ name, description: descriptionOf(script), state, enabled: enabled.has(name) }]
  })
}

const one = (sys: Sys, name: string): vireo.Service => {
  const service = readServices(sys, openRcFolders).find(candidate => candidate.name === name)
  if (service === undefined) throw new RpcError('notFound', `No such service: ${name}`)
  return service
}

/** `rc-update --all del` fails when a single runlevel does not have it. */
const levelsOf = (sys: Sys, name: string): string[] =>
  namesIn(sys, openRcFolders.runlevels).filter(level =>
    namesIn(sys, `${openRcFolders.runlevels}/${level}`).includes(name),
  )

const commandFor = (sys: Sys, service: vireo.Service, action: string): readonly [string, ...string[]] | null => {
  const { name, enabled } = service
  if (action === 'enable') return enabled ? null : ['rc-update', 'add', name, 'default']
  if (action === 'disable') return enabled ? ['rc-update', 'del', name, ...levelsOf(sys, name)] : null
  return ['rc-service', name, action]
}

export const controlService = async (context: MethodContext, name: string, action: string): Promise<vireo.Service> => {
  const args = commandFor(context.sys, one(context.sys, name), action)
  if (args !== null) await outputOf(context, { args, timeout: CONTROL_MS })
  return one(context.sys, name)
}
