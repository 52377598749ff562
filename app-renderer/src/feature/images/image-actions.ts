/** All that can be done with an image that is here, and with a system of the catalogue. */
import type { CachedImage, CatalogueImage, DomainSummary } from '@vireo/app-main/contract'
import { appErrorOf } from '../../store/app-error.ts'
import type { Stores } from '../../store/stores.ts'
import type { MenuEntry } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { proposalOf } from '../create/sources.ts'
import { dispatch } from '../create/wizard-store.ts'
import { text } from './text.ts'

const attempt = async (title: string, work: () => Promise<unknown>): Promise<void> => {
  try {
    await work()
  } catch (thrown) {
    showFailure(title, appErrorOf(thrown))
  }
}

/** The wizard, with this image chosen. */
const makeOf = ({ domains, ui }: Stores, image: CachedImage, entry: CatalogueImage | null): void => {
  const taken = new Set([...domains.state.getState().byId.values()].map(({ name }: DomainSummary) => name))
  const proposal = proposalOf({ name: image.name, entry, image }, taken, null)
  dispatch({ type: 'source', source: { kind: 'cached', sha256: image.sha256 }, proposal })
  ui.state.setState({ dialog: 'create' })
}

export interface ImageMenu {
  readonly stores: Stores
  /** Of the catalogue, where it is known. */
  readonly entry: CatalogueImage | null
  /** Why nothing can be changed. */
  readonly reason: string | null
  /** Machines can be made now. */
  readonly makes: boolean
  readonly onDelete: () => void
}

export const imageMenu = (image: CachedImage, menu: ImageMenu): readonly MenuEntry[] => {
  const { stores, entry, reason, makes, onDelete } = menu
  return [
    {
      ...{ id: 'make', label: text('newMachine'), icon: 'plus' },
      reason: reason ?? (makes ? null : text('nowhere')),
      onAction: () => makeOf(stores, image, entry),
    },
    'separator',
    { id: 'delete', label: text('delete'), icon: 'trash', danger: true, reason, onAction: onDelete },
  ]
}

export interface SystemMenu {
  readonly stores: Pick<Stores, 'client'>
  readonly reason: string | null
  /** Something of it is on its way. */
  readonly busy: boolean
}

/** Ways to bring a file of one's own that is not used where it lies. */
const ofFile = ({ place, name, id, inPlace }: CatalogueImage, { stores, reason }: SystemMenu): readonly MenuEntry[] => {
  if (place === null || !place.startsWith('/') || inPlace) return []
  const take = () => attempt(text('bringFailed', { name }), () => stores.client.image.fetch({ source: id }))
  return [{ id: `take-${id}`, label: text('takeIn'), icon: 'download', reason, onAction: () => void take() }]
}

const bringing = (entry: CatalogueImage, { stores, reason: away, busy }: SystemMenu): readonly MenuEntry[] => {
  const { id, name, ways, cached, place } = entry
  const { image } = stores.client
  const reason = away ?? (busy ? text('busy') : null)
  const item = (key: string, label: string, work: () => Promise<unknown>): MenuEntry => ({
    ...{ id: key, label, icon: 'download', reason },
    onAction: () => void attempt(text('bringFailed', { name }), work),
  })
  if (place?.startsWith('/')) return []
  return [
    ...(ways.includes('image')
      ? [
          item('fetch', text(cached === null ? 'fetch' : 'refresh'), () =>
            image.fetch({ source: id, refresh: cached !== null }),
          ),
        ]
      : []),
    ...(ways.includes('iso') ? [item('iso', text('fetchIso'), () => image.fetch({ source: id, iso: true }))] : []),
    ...(ways.includes('build')
      ? [
          item('minimal', text('buildMinimal'), () => image.build({ id })),
          item('standard', text('buildStandard'), () => image.build({ id, variant: 'standard' })),
        ]
      : []),
  ]
}

export const systemMenu = (entry: CatalogueImage, menu: SystemMenu): readonly MenuEntry[] => {
  const { id, name, origin } = entry
  const bring = [...bringing(entry, menu), ...ofFile(entry, menu)]
  if (origin === 'catalogue') return bring
  const forget = () => attempt(text('forgetFailed', { name }), () => menu.stores.client.image.forget({ id }))
  return [
    ...bring,
    ...(bring.length > 0 ? (['separator'] as const) : []),
    { id: 'forget', label: text('forget'), icon: 'trash', reason: menu.reason, onAction: () => void forget() },
  ]
}
