import type { AppError, CachedImage } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, cx, Dialog, DialogButtons, Spinner } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { errorWords } from '../hosts/error-words.ts'
import { usersOf } from './image-view.ts'
import s from './images.module.css'
import { text, useText } from './text.ts'

interface Looked {
  readonly users: readonly string[] | null
  readonly error: AppError | null
  /** Why there may be more. */
  readonly unread: string | null
}

/** Who needs it now, asked of the machines themselves. */
const useUsers = (image: CachedImage): Looked => {
  const client = useClient()
  const [known, setKnown] = useState<Looked>({ users: null, error: null, unread: null })
  const { sha256 } = image
  useEffect(() => {
    let current = true
    client.image.users({}).then(
      told => (current ? setKnown({ users: usersOf(image, told), error: null, unread: told.unread }) : undefined),
      (thrown: unknown) => (current ? setKnown({ users: null, error: appErrorOf(thrown), unread: null }) : undefined),
    )
    return () => {
      current = false
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the image is the same as long as its digest is
  }, [client, sha256])
  return known
}

/** Names who needs the image before it goes. */
export const DeleteDialog = ({ image, onClose }: { image: CachedImage; onClose: () => void }) => {
  const t = useText()
  const format = useFormat()
  const client = useClient()
  const { users, error, unread } = useUsers(image)
  const { name, sha256, fileBytes } = image
  const used = users !== null && users.length > 0
  const go = async (): Promise<void> => {
    onClose()
    try {
      await client.image.delete({ sha256 })
    } catch (thrown) {
      showFailure(text('deleteFailed', { name }), appErrorOf(thrown))
    }
  }
  const reason = users === null && error === null ? t('looking') : used ? t('deleteReason') : null
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
      {used ? (
        <>
          <p>{t('deleteUsed', { count: users.length })}</p>
          <ul className={cx(s.list)}>
            {users.map(user => (
              <li key={user}>
                <bdi>{user}</bdi>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {users !== null && !used ? <p>{t('deleteFree', { size: format.bytes(fileBytes) })}</p> : null}
      {unread === null ? null : (
        <Banner tone="pause" title={t('usersUnread')}>
          <bdi>{unread}</bdi>
        </Banner>
      )}
      {error ? (
        <Banner tone="pause" title={t('lookFailed')}>
          <bdi>{errorWords(error)}</bdi>
        </Banner>
      ) : null}
      {users || error ? null : <Spinner label={t('looking')} />}
    </Dialog>
  )
}
