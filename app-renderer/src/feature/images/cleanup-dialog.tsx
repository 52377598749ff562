import type { AppError } from '@vireo/app-main/contract'
import { useCallback, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, cx, Dialog, DialogButtons, Section, Select, showToast, Spinner } from '../../ui/index.ts'
import { useReading } from '../create/use-reading.ts'
import { errorWords } from '../hosts/error-words.ts'
import s from './images.module.css'
import { text, useText } from './text.ts'

const AGES = ['0', '7', '30', '90', '365'] as const
type Age = (typeof AGES)[number]

/** What would go, for the age it was asked for: of another age nothing is known. */
interface Preview {
  readonly age: Age
  readonly images: readonly { readonly sha256: string; readonly name: string }[]
  readonly copies: readonly { readonly pool: string; readonly name: string }[]
  readonly freedBytes: number
}

const usePreview = (age: Age): { preview: Preview | null; error: AppError | null } => {
  const client = useClient()
  const ask = useCallback(async (): Promise<Preview> => {
    const { deleted: images, ...rest } = await client.image.cleanup({ days: Number(age), dryRun: true })
    return { age, images, ...rest }
  }, [client, age])
  const { value, error } = useReading(ask)
  return { preview: value?.age === age ? value : null, error }
}

const Found = ({ preview: { images, copies, freedBytes } }: { preview: Preview }) => {
  const t = useText()
  const format = useFormat()
  if (images.length + copies.length === 0) return <p>{t('cleanNothing')}</p>
  return (
    <>
      {images.length > 0 ? (
        <Section title={t('cleanImages')}>
          <ul className={cx(s.list)} aria-label={t('cleanImages')}>
            {images.map(({ sha256, name }) => (
              <li key={sha256}>
                <bdi>{name}</bdi> <small className={cx(s.dim)}>{sha256.slice(0, 12)}</small>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {copies.length > 0 ? (
        <Section title={t('cleanCopies')}>
          <ul className={cx(s.list)} aria-label={t('cleanCopies')}>
            {copies.map(({ pool, name }) => (
              <li key={`${pool}/${name}`}>
                <bdi>{name}</bdi>{' '}
                <small className={cx(s.dim)}>
                  <bdi>{pool}</bdi>
                </small>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      <p>{t('cleanFrees', { size: format.bytes(freedBytes) })}</p>
    </>
  )
}

/** What would go is shown before it goes. */
export const CleanupDialog = ({ onClose }: { onClose: () => void }) => {
  const t = useText()
  const format = useFormat()
  const client = useClient()
  const [age, setAge] = useState<Age>('90')
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<AppError | null>(null)
  const { preview, error: asked } = usePreview(age)
  const error = failure ?? asked
  const nothing = preview !== null && preview.images.length + preview.copies.length === 0
  const go = async (): Promise<void> => {
    setPending(true)
    setFailure(null)
    try {
      const { freedBytes } = await client.image.cleanup({ days: Number(age) })
      showToast({ tone: 'done', title: text('cleaned', { size: format.bytes(freedBytes) }) })
      onClose()
    } catch (thrown) {
      setFailure(appErrorOf(thrown))
      setPending(false)
    }
  }
  return (
    <Dialog
      title={t('cleanTitle')}
      size="m"
      onClose={onClose}
      footer={
        <DialogButtons
          action={t(nothing ? 'cleanUp' : 'cleanNow')}
          icon="trash"
          danger
          pending={pending}
          reason={preview ? null : t('cleanLooking')}
          onCancel={onClose}
          onAction={() => void go()}
        />
      }
    >
      <Select
        label={t('cleanAge')}
        options={AGES.map(id => ({ id, label: t(`age.${id}`) }))}
        value={age}
        onChange={setAge}
      />
      {preview ? <Found preview={preview} /> : null}
      {error ? (
        <Banner tone="fail" title={t('cleanFailed')}>
          <bdi>{errorWords(error)}</bdi>
        </Banner>
      ) : null}
      {preview || error ? null : <Spinner label={t('cleanLooking')} />}
    </Dialog>
  )
}
