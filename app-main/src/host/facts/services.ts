/** Which services run, and which start with the computer. */
import type { Machine } from '../machine.ts'

export interface Unit {
  readonly found: boolean
  readonly active: boolean
  readonly enabled: boolean
  readonly masked: boolean
}

export interface Services {
  /** `none`: nothing starts services here, as in a container. */
  readonly manager: 'systemd' | 'openrc' | 'none'
  /** By name, suffix included; what nobody asked for or nobody has is `ABSENT`. */
  unit(name: string): Unit
}

export const ABSENT: Unit = { found: false, active: false, enabled: false, masked: false }

/** A sick systemd must not hold up everything else, milliseconds. */
const SYSTEMCTL_MS = 2000
const ON = new Set(['enabled', 'enabled-runtime', 'static', 'indirect', 'generated', 'alias', 'linked'])

/** The blocks `Key=value` that `systemctl show` prints for several units. */
export const parseUnits = (text: string): ReadonlyMap<string, Unit> =>
  new Map(
    text.split(/\n\s*\n/).flatMap(block => {
      const facts = new Map(
        block.split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      )
      const names = [facts.get('Id') ?? '', ...(facts.get('Names') ?? '').split(' ')].filter(Boolean)
      const load = facts.get('LoadState')
      const file = facts.get('UnitFileState') ?? ''
      const unit: Unit = {
        found: load !== 'not-found' && load !== undefined,
        active: facts.get('ActiveState') === 'active',
        // A static socket or service is started by others; only the first two are a person's choice.
        enabled: ON.has(file) && file !== 'static' && file !== 'indirect',
        masked: load === 'masked' || file === 'masked',
      }
      return names.map(name => [name, unit] as const)
    }),
  )

const openrc = async ({ files }: Machine, names: readonly string[]): Promise<ReadonlyMap<string, Unit>> => {
  const [all, started, levels] = await Promise.all([
    files.list('/etc/init.d'),
    files.list('/run/openrc/started'),
    files.list('/etc/runlevels/default'),
  ])
  return new Map(
    names
      .filter(name => name.endsWith('.service'))
      .map(name => {
        const plain = name.replace(/\.service$/, '')
        const found = all.includes(plain)
        return [
          name,
          { found, active: started.includes(plain), enabled: levels.includes(plain), masked: false },
        ] as const
      }),
  )
}

/** Asks for all units at once: one program instead of one for each. */
export const readServices = async (machine: Machine, names: readonly string[]): Promise<Services> => {
  const { files, commands } = machine
  const of = (manager: Services['manager'], units: ReadonlyMap<string, Unit>): Services => ({
    manager,
    unit: name => units.get(name) ?? ABSENT,
  })
  if (await files.stat('/run/systemd/system')) {
    const program = await commands.find('systemctl')
    const args = ['show', '--property=Id,Names,LoadState,ActiveState,UnitFileState', '--', ...names]
    const end = program ? await commands.run(program, args, SYSTEMCTL_MS) : undefined
    return of('systemd', parseUnits(end?.out ?? ''))
  }
  if (await files.stat('/run/openrc')) return of('openrc', await openrc(machine, names))
  return of('none', new Map())
}
