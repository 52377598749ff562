import type { AppError, Network, NetworkUser } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, cx, Dialog, DialogButtons, Spinner, Switch } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import s from './networks.module.css'
import { text, useText } from './text.ts'

interface Looked {
  readonly users: readonly NetworkUser[] | null
  readonly error: AppError | null
}

/** Who uses it now, asked of the daemon itself. */
const useUsers = ({ connection, name }: Network): Looked => {
  const client = useClient()
  const [known, setKnown] = useState<Looked>({ users: null, error: null })
  useEffect(() => {
    let current = true
    client.network.info({ connection, name }).then(
      ({ users }) => (current ? setKnown({ users, error: null }) : undefined),
      thrown => (current ? setKnown({ users: null, error: appErrorOf(thrown) }) : undefined),
    )
    return () => {
      current = false
    }
  }, [client, connection, name])
  return known
}

const Users = ({ users }: { users: readonly NetworkUser[] }) => {
  const t = useText()
  if (users.length === 0) return <p>{t('deleteFree')}</p>
  return (
    <>
      <p>{t('deleteUsed', { count: users.length })}</p>
      <ul className={cx(s.users)}>
        {users.map(({ id, name, running }) => (
          <li key={id}>
            <bdi>{name}</bdi>
            {running ? <small>{t('running')}</small> : null}
          </li>
        ))}
      </ul>
      {users.some(({ running }) => running) ? <p>{t('deleteCut')}</p> : null}
    </>
  )
}

/** Names who uses the network before it goes. */
export const DeleteDialog = ({ network, onClose }: { network: Network; onClose: () => void }) => {
  const t = useText()
  const client = useClient()
  const { users, error } = useUsers(network)
  const [evenIfUsed, setEvenIfUsed] = useState(false)
  const { connection, name } = network
  const used = users !== null && users.length > 0
  const go = async (): Promise<void> => {
    onClose()
    try {
      await client.network.delete({ connection, name, evenIfUsed })
    } catch (thrown) {
      showFailure(text('deleteFailed', { name }), appErrorOf(thrown))
    }
  }
  const reason = users === null ? t('looking') : used && !evenIfUsed ? t('deleteReason') : null
  return (
    <Dialog
      title={t('deleteTitle', { name })}
      onClose={onClose}
      footer={
        <DialogButtons
          action={t('deleteNow')}
          icon="trash"
          danger
          reason={reason}
          onCancel={onClose}
          onAction={() => void go()}
        />
      }
    >
      {users ? <Users users={users} /> : null}
      {used ? <Switch label={t('deleteAnyway')} on={evenIfUsed} onChange={setEvenIfUsed} /> : null}
      {error ? (
        <Banner tone="fail" title={t('lookFailed')}>
          <bdi>{error.message}</bdi>
        </Banner>
      ) : null}
      {users || error ? null : <Spinner label={t('looking')} />}
    </Dialog>
  )
}
