/** Services under systemd. `systemctl show` has a stable output, unlike its tables. */
import type { vireo } from '../../protocol/index.ts'
import type { MethodContext } from '../method.ts'
import { RpcError } from '../rpc-error.ts'
import { outputOf } from './programs.ts'

type Properties = ReadonlyMap<string, string>

const SUFFIX = '.service'
const LIST_MS = 30_000
const CONTROL_MS = 90_000
const OUTPUT_BYTES = 4 * 1024 * 1024
const properties = 'Id,Description,LoadState,ActiveState,SubState,UnitFileState'

/** Blocks of `Name=value`, one a unit, with an empty line between. */
export const parseShow = (text: string): Properties[] =>
  text
    .split('\n\n')
    .filter(block => block.trim() !== '')
    .map(
      block =>
        new Map(
          block.split('\n').flatMap(line => {
            const at = line.indexOf('=')
            return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
          }),
        ),
    )

export const stateOf = (active: string | undefined, sub: string | undefined): vireo.Service['state'] => {
  if (active === 'active') return sub === 'exited' ? 'exited' : 'running'
  if (active === 'reloading') return 'running'
  if (active === 'activating') return 'starting'
  if (active === 'deactivating') return 'stopping'
  if (active === 'inactive') return 'stopped'
  return active === 'failed' ? 'failed' : 'unknown'
}

export const enabledOf = (state: string | undefined): boolean | null => {
  if (state === 'enabled' || state === 'enabled-runtime') return true
  return state === 'disabled' || state === 'masked' || state === 'masked-runtime' ? false : null
}

const nameOf = (unit: string): string => (unit.endsWith(SUFFIX) ? unit.slice(0, -SUFFIX.length) : unit)

const serviceOf = (unit: Properties): vireo.Service | null => {
  const id = unit.get('Id') ?? ''
  if (!id.endsWith(SUFFIX) || unit.get('LoadState') === 'not-found') return null
  return {
    name: nameOf(id),
    description: unit.get('Description') || null,
    state: stateOf(unit.get('ActiveState'), unit.get('SubState')),
    enabled: enabledOf(unit.get('UnitFileState')),
  }
}

/** Units with a file that are not loaded now; templates are none. */
export const parseUnitFiles = (text: string): vireo.Service[] =>
  text.split('\n').flatMap(line => {
    const [unit = '', state = ''] = line.trim().split(/\s+/)
    if (!unit.endsWith(SUFFIX) || unit.endsWith(`@${SUFFIX}`) || state === 'alias') return []
    return [{ name: nameOf(unit), description: null, state: 'stopped' as const, enabled: enabledOf(state) }]
  })

const systemctl = (context: MethodContext, args: readonly string[], timeout: number): Promise<string> =>
  outputOf(context, { args: ['systemctl', '--no-pager', ...args], timeout, limit: OUTPUT_BYTES })

export const listServices = async (context: MethodContext): Promise<vireo.Service[]> => {
  const loaded = parseShow(await systemctl(context, ['show', `--property=${properties}`, '--', `*${SUFFIX}`], LIST_MS))
  const filesArgs = ['list-unit-files', '--type=service', '--no-legend', '--full', '--plain']
  const files = parseUnitFiles(await systemctl(context, filesArgs, LIST_MS))
  const services = new Map(files.map(service => [service.name, service]))
  for (const service of loaded.flatMap(unit => serviceOf(unit) ?? [])) services.set(service.name, service)
  return [...services.values()]
}

const one = async (context: MethodContext, name: string): Promise<vireo.Service> => {
  const [unit] = parseShow(await systemctl(context, ['show', `--property=${properties}`, '--', name + SUFFIX], LIST_MS))
  const service = unit === undefined ? null : serviceOf(unit)
  if (service === null) throw new RpcError('notFound', `No such service: ${name}`)
  return service
}

export const controlService = async (context: MethodContext, name: string, action: string): Promise<vireo.Service> => {
  const base = nameOf(name)
  await one(context, base)
  await systemctl(context, [action, '--', base + SUFFIX], CONTROL_MS)
  return one(context, base)
}
