/** Says what became of transfers to whoever looks at something else. */
import type { Stores } from '../../store/stores.ts'
import { showToast } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { visibleName } from './safe-name.ts'
import { text } from './text.ts'
import { type Transfer, transfers } from './transfer-store.ts'

let listening = false

const tell = ({ ui }: Stores, { machine, direction, name: raw, state, error }: Transfer): void => {
  const { route } = ui.state.getState()
  // Who looks at the list sees it there.
  if (route.machine === machine && route.tab === 'files') return
  const name = visibleName(raw)
  if (state === 'failed' && error) return showFailure(text('transferFailed', { name }), error)
  showToast({
    ...{ tone: 'done', key: `transfer-${machine}` },
    title: text(direction === 'upload' ? 'uploaded' : 'downloaded', { name }),
    action: { label: text('show'), onPress: () => ui.go({ machine, tab: 'files' }) },
  })
}

/** For the window's life, from the first look at files on. */
export const tellTransfers = (stores: Stores): void => {
  if (listening) return
  listening = true
  transfers.onEnded(transfer => tell(stores, transfer))
}
