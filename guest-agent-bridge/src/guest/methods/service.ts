/** Services of whichever init system runs. */
import { vireo } from '../../protocol/index.ts'
import { handle, type Method } from '../method.ts'
import { failedWith, here, type Sys } from '../sys.ts'
import { controlService as controlOpenRc, openRcFolders, readServices } from './openrc.ts'
import { indexAfter, pageOf } from './pages.ts'
import { unsupported } from './programs.ts'
import { controlService as controlSystemd, listServices } from './systemd.ts'

const exists = (sys: Sys, path: string): boolean => {
  try {
    sys.statAt(here, path, true)
    return true
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return false
    throw error
  }
}

/** The running one, as its own tools find out (sd_booted(3), rc-status). */
export const initSystem = (sys: Sys): 'systemd' | 'openrc' | null => {
  if (exists(sys, '/run/systemd/system')) return 'systemd'
  return exists(sys, `${openRcFolders.state}/softlevel`) ? 'openrc' : null
}

const required = (sys: Sys): 'systemd' | 'openrc' => {
  const init = initSystem(sys)
  if (init === null) throw unsupported('Neither systemd nor OpenRC runs in this guest')
  return init
}

const list = handle(vireo.serviceList, {
  ownTimeout: true,
  run: async ({ after, limit }, context) => {
    const init = required(context.sys)
    const unsorted = init === 'systemd' ? await listServices(context) : readServices(context.sys, openRcFolders)
    const services = unsorted.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    const start = indexAfter(
      services.map(service => service.name),
      after,
    )
    const page = pageOf(services, start, limit, context.config, service => service)
    const next = page.more ? (page.items.at(-1)?.name ?? null) : null
    return { init, services: page.items, next, total: services.length }
  },
})

const control = handle(vireo.serviceControl, {
  unprivileged: false,
  cost: 'command',
  audit: ['name', 'action'],
  ownTimeout: true,
  run: async ({ name, action }, context) => {
    const act = required(context.sys) === 'systemd' ? controlSystemd : controlOpenRc
    return { service: await act(context, name, action) }
  },
})

export const serviceMethods: readonly Method[] = [list, control]
