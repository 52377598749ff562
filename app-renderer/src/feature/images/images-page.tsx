import { type CachedImage, IMAGE_KEEP_DAYS } from '@vireo/app-main/contract'
import { useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { useOnline } from '../../store/hooks.ts'
import { Banner, Button, cx, EmptyState, PageHeader, Spinner } from '../../ui/index.ts'
import { RunningImages } from '../create/image-work.tsx'
import { errorWords } from '../hosts/error-words.ts'
import { IMAGES } from '../lxd-stock/kinds.tsx'
import { StockSections } from '../lxd-stock/stock-section.tsx'
import { AddDialog } from './add-dialog.tsx'
import { CatalogueTable } from './catalogue-table.tsx'
import { CleanupDialog } from './cleanup-dialog.tsx'
import { DeleteDialog } from './delete-dialog.tsx'
import { ImageTable } from './image-table.tsx'
import s from './images.module.css'
import { useText } from './text.ts'
import { type Images, type Listed, useImages } from './use-images.ts'

const Retry = ({ reload }: { reload: () => void }) => {
  const t = useText()
  return (
    <Button look="line" onPress={reload}>
      {t('retry')}
    </Button>
  )
}

/** Who needs images is another question than what is here, and may fail alone. */
const UsersTrouble = ({ images: { users, usersError } }: { images: Images }) => {
  const t = useText()
  const unread = users?.unread ?? null
  if (usersError === null && unread === null) return null
  return (
    <Banner tone="pause" title={t(usersError ? 'usersFailed' : 'usersUnread')}>
      <bdi>{usersError ? errorWords(usersError) : unread}</bdi>
    </Banner>
  )
}

interface HereProps {
  images: Images
  listed: Listed
  reason: string | null
  onDelete: (image: CachedImage) => void
}

const Here = ({ images, listed: { cache, catalogue }, reason, onDelete }: HereProps) => {
  const t = useText()
  if (cache.images.length === 0)
    return (
      <EmptyState icon="disk" title={t('none')}>
        <p>{t('noneBody')}</p>
      </EmptyState>
    )
  return (
    <section className={cx(s.section)} aria-label={t('here')}>
      <h2>{t('here')}</h2>
      <p className={cx(s.dim)}>
        {t('hereHint', { folder: cache.folder })} {t('expiresHint', { days: IMAGE_KEEP_DAYS })}
      </p>
      <UsersTrouble images={images} />
      <ImageTable
        images={cache.images}
        catalogue={catalogue}
        users={images.users}
        reason={reason}
        onDelete={onDelete}
      />
    </section>
  )
}

const Lists = ({ images, reason, onDelete }: Omit<HereProps, 'listed'>) => {
  const t = useText()
  const { listed, error, reload } = images
  if (!listed && error)
    return (
      <EmptyState icon="warn" title={t('failed')} actions={<Retry reload={reload} />}>
        <p>
          <bdi>{errorWords(error)}</bdi>
        </p>
      </EmptyState>
    )
  if (!listed) return <EmptyState art={<Spinner size={28} />} title={t('looking')} />
  return (
    <div className={cx(s.sections)} tabIndex={-1}>
      {error ? (
        <Banner tone="fail" title={t('stale')} actions={<Retry reload={reload} />}>
          <bdi>{errorWords(error)}</bdi>
        </Banner>
      ) : null}
      <RunningImages label={t('working')} />
      <Here images={images} listed={listed} reason={reason} onDelete={onDelete} />
      <StockSections kind={IMAGES} />
      <CatalogueTable catalogue={listed.catalogue} reason={reason} />
    </div>
  )
}

/** What machines are made of: what is here, what can be had, and how it goes away again. */
export const ImagesPage = () => {
  const t = useText()
  const format = useFormat()
  const online = useOnline()
  const images = useImages()
  const [opened, setOpened] = useState<'add' | 'clean' | null>(null)
  const [leaving, setLeaving] = useState<CachedImage | null>(null)
  const reason = online ? null : t('offline')
  const { listed } = images
  const usage = listed && {
    used: format.bytes(listed.cache.usedBytes),
    free: format.bytes(listed.cache.freeBytes),
  }
  const close = (): void => setOpened(null)
  return (
    <div className={cx(s.page)}>
      <PageHeader title={t('title')} about={usage ? t('usage', usage) : null}>
        <Button look="line" icon="trash" aria-haspopup="dialog" reason={reason} onPress={() => setOpened('clean')}>
          {t('cleanUp')}
        </Button>
        <Button look="solid" icon="plus" aria-haspopup="dialog" reason={reason} onPress={() => setOpened('add')}>
          {t('new')}
        </Button>
      </PageHeader>
      <Lists images={images} reason={reason} onDelete={setLeaving} />
      {opened === 'add' ? <AddDialog catalogue={listed?.catalogue ?? []} onClose={close} /> : null}
      {opened === 'clean' ? <CleanupDialog onClose={close} /> : null}
      {leaving ? <DeleteDialog image={leaving} onClose={() => setLeaving(null)} /> : null}
    </div>
  )
}
