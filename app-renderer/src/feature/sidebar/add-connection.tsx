import type { AppError, ConnectionUri } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useConnections, useStores } from '../../store/hooks.ts'
import { cx, FormDialog, showToast, TextField } from '../../ui/index.ts'
import { Fix } from '../notices/connection-trouble.tsx'
import { placeName } from '../notices/place.ts'
import s from './add-connection.module.css'
import { text, useText } from './text.ts'

const PRESETS = ['qemu:///system', 'qemu:///session', 'lxd:///', 'incus:///', 'test:///default'] as const

const Presets = ({ value, onPick }: { value: string; onPick: (uri: string) => void }) => {
  const connections = useConnections()
  const t = useText()
  const open = PRESETS.filter(uri => !connections.has(uri as ConnectionUri))
  if (open.length === 0) return null
  return (
    <div className={cx(s.presets)}>
      {open.map(uri => (
        <button
          key={uri}
          type="button"
          className={cx(s.preset)}
          aria-pressed={uri === value}
          onClick={() => onPick(uri)}
        >
          <b className="mono">{uri}</b>
          <small>{t(`preset.${uri}`)}</small>
        </button>
      ))}
    </div>
  )
}

const Failure = ({ error }: { error: AppError }) => (
  <div role="alert" className={cx(s.failure, 'selectable')}>
    <bdi>
      <b>{error.message}</b> {error.hint}
    </bdi>
    <Fix error={error} />
  </div>
)

/** Adds a connection; what goes wrong is said here, with the way out. */
export const AddConnection = () => {
  const { client, ui } = useStores()
  const t = useText()
  const [uri, setUri] = useState('')
  const [error, setError] = useState<AppError | null>(null)
  const [missing, setMissing] = useState(false)
  const [pending, setPending] = useState(false)
  const close = (): void => ui.state.setState({ dialog: null })
  const submit = async (): Promise<void> => {
    const wanted = uri.trim() as ConnectionUri
    setMissing(wanted === '')
    if (wanted === '') return
    setPending(true)
    setError(null)
    try {
      const added = await client.connection.add({ uri: wanted })
      // Kept although it cannot be opened yet: the list then shows the same reason.
      if (added.error) setError(added.error)
      else {
        close()
        showToast({ tone: 'done', title: text('added', { place: placeName(added.uri) }) })
      }
    } catch (thrown) {
      setError(appErrorOf(thrown))
    } finally {
      setPending(false)
    }
  }
  return (
    <FormDialog
      title={t('addTitle')}
      action={t('connect')}
      size="m"
      onSubmit={() => void submit()}
      onClose={close}
      pending={pending}
    >
      <p>{t('addBody')}</p>
      <Presets value={uri} onPick={setUri} />
      <TextField
        label={t('uri')}
        value={uri}
        onChange={setUri}
        description={t('uriHint')}
        error={missing ? t('empty') : null}
        mono
        autoFocus
      />
      {error ? <Failure error={error} /> : null}
    </FormDialog>
  )
}
