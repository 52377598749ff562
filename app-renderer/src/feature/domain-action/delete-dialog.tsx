import type { AppError, DomainSummary } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, Dialog, DialogButtons, Spinner } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { deleteQuestion } from './ask-delete.ts'
import { type Choices, goesWith, type Preview, removalOf } from './removal.ts'
import { RemovalForm } from './removal-form.tsx'
import { text, useText } from './text.ts'

/** Shows the dialog opened by `askDelete`; mounted once. */
export const DeleteHost = () => {
  const domain = useStore(deleteQuestion, state => state.domain)
  return domain ? <DeleteDialog key={domain.id} domain={domain} /> : null
}

const close = (): void => deleteQuestion.setState({ domain: null })

const usePreview = (domain: DomainSummary): { preview: Preview | null; error: AppError | null } => {
  const client = useClient()
  const [known, setKnown] = useState<{ preview: Preview | null; error: AppError | null }>({
    preview: null,
    error: null,
  })
  useEffect(() => {
    let current = true
    client.domain.undefinePreview({ id: domain.id }).then(
      preview => (current ? setKnown({ preview, error: null }) : undefined),
      thrown => (current ? setKnown({ preview: null, error: appErrorOf(thrown) }) : undefined),
    )
    return () => {
      current = false
    }
  }, [client, domain.id])
  return known
}

const DeleteDialog = ({ domain }: { domain: DomainSummary }) => {
  const t = useText()
  const client = useClient()
  const { preview, error } = usePreview(domain)
  const [choices, setChoices] = useState<Choices>({ storage: goesWith(domain) ? 'delete' : null, nvram: null })
  const removal = preview && removalOf(preview, choices)
  const go = async (): Promise<void> => {
    if (!removal) return
    close()
    try {
      await client.domain.undefine({ id: domain.id, ...removal })
    } catch (thrown) {
      showFailure(text('failed', { name: domain.name }), appErrorOf(thrown))
    }
  }
  return (
    <Dialog
      title={t('deleteTitle', { name: domain.name })}
      size="m"
      onClose={close}
      footer={
        <DialogButtons
          action={t('delete')}
          icon="trash"
          danger
          reason={removal ? null : t('choose')}
          onCancel={close}
          onAction={() => void go()}
        />
      }
    >
      <p>{t('deleteIntro')}</p>
      {preview ? (
        <RemovalForm preview={preview} choices={choices} onChange={setChoices} goes={goesWith(domain)} />
      ) : null}
      {error ? (
        <Banner tone="fail" title={t('lookFailed')}>
          {error.message}
        </Banner>
      ) : null}
      {preview || error ? null : <Spinner label={t('looking')} />}
    </Dialog>
  )
}
