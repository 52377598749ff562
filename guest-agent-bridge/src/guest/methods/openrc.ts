/** Services under OpenRC: its state is a folder of links a state, its runlevels are folders of links as well. */
import type { vireo } from '../../protocol/index.ts'
import { namesIn, readText } from '../files.ts'
import type { MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { here, type Sys } from '../sys.ts'
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

const isScript = (sys: Sys, path: string): boolean => {
  const { kind, mode } = sys.statAt(here, path, true)
  return kind === 'file' && (mode & 0o111) !== 0
}

export const readServices = (sys: Sys, folders: OpenRcFolders): vireo.Service[] => {
  const enabled = new Set(
    namesIn(sys, folders.runlevels).flatMap(level => namesIn(sys, `${folders.runlevels}/${level}`)),
  )
  const inState = states.map(([folder, state]) => [state, new Set(namesIn(sys, `${folders.state}/${folder}`))] as const)
  return namesIn(sys, folders.scripts).flatMap(name => {
    const path = `${folders.scripts}/${name}`
    if (name.endsWith('.sh') || !isScript(sys, path)) return []
    // Scripts of another init system (Debian keeps both) are no services of OpenRC's.
    const script = readText(sys, path, 16_384) ?? ''
    if (!/^#!.*(openrc-run|runscript)/.test(script)) return []
    const state = inState.find(([, names]) => names.has(name))?.[0] ?? 'stopped'
    return [{ name, description: descriptionOf(script), state, enabled: enabled.has(name) }]
  })
}

const one = (sys: Sys, name: string): vireo.Service => {
  const service = readServices(sys, openRcFolders).find(candidate => candidate.name === name)
  if (service === undefined) throw new RpcError('notFound', `No such service: ${name}`)
  return service
}

export const controlService = async (context: MethodContext, name: string, action: string): Promise<vireo.Service> => {
  const service = one(context.sys, name)
  const commands: Record<string, readonly [string, ...string[]]> = {
    enable: ['rc-update', 'add', name, 'default'],
    disable: ['rc-update', '--all', 'del', name],
  }
  const needless = (action === 'enable' && service.enabled) || (action === 'disable' && !service.enabled)
  const args = commands[action] ?? ['rc-service', name, action]
  if (!needless) await outputOf(context, { args, timeout: CONTROL_MS })
  return one(context.sys, name)
}
