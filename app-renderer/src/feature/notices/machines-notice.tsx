import type { AppError, Connection } from '@vireo/app-main/contract'
import { useStore } from 'zustand'
import { useFormat } from '../../i18n/format.ts'
import { useConnections, useStores } from '../../store/hooks.ts'
import { Bird, Button, CopyText, cx, EmptyState, Spinner } from '../../ui/index.ts'
import { createPlaces } from '../create/places.ts'
import { ConnectionTrouble } from './connection-trouble.tsx'
import { byTrouble, emptyReason } from './empty-reason.ts'
import s from './notices.module.css'
import { usePlaceName } from './place.ts'
import { useText } from './text.ts'

const useAddConnection = (): (() => void) => {
  const { ui } = useStores()
  return () => ui.state.setState({ dialog: 'add-connection' })
}

const Connecting = ({ waiting }: { waiting: readonly Connection[] }) => {
  const t = useText()
  const place = usePlaceName()
  const format = useFormat()
  return (
    <EmptyState art={<Spinner size={28} />} title={t('connecting')}>
      {waiting.length > 0 ? (
        <p>{t('connectingBody', { places: format.list(waiting.map(each => place(each.uri))) })}</p>
      ) : null}
    </EmptyState>
  )
}

const NoConnections = () => {
  const t = useText()
  const add = useAddConnection()
  return (
    <EmptyState
      art={<Bird className={s.bird} />}
      title={t('noConnections')}
      actions={
        <Button look="solid" icon="plus" onPress={add}>
          {t('addConnection')}
        </Button>
      }
    >
      <p>{t('noConnectionsBody')}</p>
    </EmptyState>
  )
}

const exampleFor = (uri: string): string =>
  `virt-install --connect ${uri} --name first --memory 1024 --vcpus 1 --disk size=8 --osinfo detect=on --cdrom installer.iso`

const NoMachines = ({ uri }: { uri: string }) => {
  const t = useText()
  const { ui } = useStores()
  const add = useAddConnection()
  const makes = createPlaces(useConnections().values()).length > 0
  return (
    <EmptyState
      art={<Bird className={s.bird} />}
      title={t('empty')}
      actions={
        <>
          <Button look="line" icon={makes ? 'link' : 'plus'} onPress={add}>
            {t('addOther')}
          </Button>
          {makes ? (
            <Button look="solid" icon="plus" onPress={() => ui.state.setState({ dialog: 'create' })}>
              {t('newMachine')}
            </Button>
          ) : null}
        </>
      }
    >
      {makes ? (
        <p>{t('emptyMake')}</p>
      ) : (
        <>
          <p>{t('emptyBody')}</p>
          <CopyText value={exampleFor(uri)} block />
          <p>{t('emptyLater')}</p>
        </>
      )}
    </EmptyState>
  )
}

const Troubles = ({ troubled }: { troubled: readonly Connection[] }) => {
  const t = useText()
  const add = useAddConnection()
  return (
    <div className={cx(s.cards)}>
      {byTrouble(troubled).map(connections => (
        <ConnectionTrouble key={connections[0]?.uri} connections={connections} />
      ))}
      <div className={cx(s.foot)}>
        <Button look="line" icon="plus" onPress={add}>
          {t('addOther')}
        </Button>
      </div>
    </div>
  )
}

const LoadFailed = ({ error }: { error: AppError }) => {
  const { domains, connections } = useStores()
  const t = useText()
  const again = (): void => {
    void connections.load()
    void domains.load()
  }
  return (
    <EmptyState
      icon="warn"
      title={t('loadFailed')}
      actions={
        <Button look="solid" onPress={again}>
          {t('retry')}
        </Button>
      }
    >
      <p>
        <bdi>
          {error.message} {error.hint}
        </bdi>
      </p>
    </EmptyState>
  )
}

/** What stands where the list would be, when there is no machine at all. */
export const MachinesNotice = () => {
  const { domains, connections } = useStores()
  const all = [...useConnections().values()]
  const listed = useStore(domains.state, state => state.loaded)
  const connected = useStore(connections.state, state => state.loaded)
  const listError = useStore(domains.state, state => state.error)
  const connectionError = useStore(connections.state, state => state.error)
  const reason = emptyReason(all, { loaded: listed && connected, error: connectionError ?? listError })
  return (
    <div className={cx(s.area)}>
      {reason.kind === 'connecting' ? <Connecting waiting={reason.waiting} /> : null}
      {reason.kind === 'failed' ? <LoadFailed error={reason.error} /> : null}
      {reason.kind === 'no-connections' ? <NoConnections /> : null}
      {reason.kind === 'trouble' ? <Troubles troubled={reason.troubled} /> : null}
      {reason.kind === 'no-machines' ? <NoMachines uri={reason.uri} /> : null}
    </div>
  )
}
