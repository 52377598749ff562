import type { AppError, DomainId, DomainSummary, InstanceLog } from '@vireo/app-main/contract'
import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Banner, Button, copyToClipboard, cx, Dialog, Select, showToast, Spinner } from '../../ui/index.ts'
import s from './instance-log.module.css'
import { text, useText } from './text.ts'

interface Reading {
  /** The last that was read. */
  readonly log: InstanceLog | null
  readonly error: AppError | null
  readonly pending: boolean
}

/** One file of a machine's log, null for the most telling one; read again whenever `turn` is another. */
const useLog = (id: DomainId, file: string | null, turn: number): Reading => {
  const client = useClient()
  const [reading, setReading] = useState<Reading>({ log: null, error: null, pending: true })
  useEffect(() => {
    let current = true
    setReading(before => ({ ...before, pending: true }))
    client.lxd.log({ id, file }).then(
      log => (current ? setReading({ log, error: null, pending: false }) : undefined),
      (thrown: unknown) =>
        current ? setReading(({ log }) => ({ log, error: appErrorOf(thrown), pending: false })) : undefined,
    )
    return () => {
      current = false
    }
  }, [client, id, file, turn])
  return reading
}

/** What LXD or Incus logged of one of its machines. */
export const LogDialog = ({ domain, onClose }: { domain: DomainSummary; onClose: () => void }) => {
  const t = useText()
  const [file, setFile] = useState<string | null>(null)
  const [turn, setTurn] = useState(0)
  const { log, error, pending } = useLog(domain.id, file, turn)
  const copy = async (): Promise<void> => {
    if (await copyToClipboard(log?.text ?? '')) showToast({ tone: 'done', title: text('copied') })
  }
  return (
    <Dialog
      title={t('title', { name: domain.name })}
      size="l"
      onClose={onClose}
      footer={
        <>
          <Button look="line" icon="copy" reason={log?.text ? null : t('empty')} onPress={() => void copy()}>
            {t('copy')}
          </Button>
          <Button look="line" icon="reboot" pending={pending} onPress={() => setTurn(turn + 1)}>
            {t('again')}
          </Button>
        </>
      }
    >
      <p>{t('body')}</p>
      {error ? (
        <Banner tone="pause" title={t('failed')}>
          <bdi>{failureText(error)}</bdi>
        </Banner>
      ) : null}
      {log && log.files.length > 1 ? (
        <Select
          label={t('file')}
          options={log.files.map(id => ({ id, label: id }))}
          value={file ?? log.file ?? ''}
          onChange={setFile}
        />
      ) : null}
      {log ? <Lines log={log} /> : error ? null : <Spinner />}
    </Dialog>
  )
}

const Lines = ({ log: { file, text: lines, cut } }: { log: InstanceLog }) => {
  const t = useText()
  const box = useRef<HTMLPreElement>(null)
  // The newest stands at the end.
  useLayoutEffect(() => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines])
  if (file === null) return <p>{t('none')}</p>
  return (
    <>
      {cut ? <p className={cx(s.dim)}>{t('cut')}</p> : null}
      <pre ref={box} className={cx(s.log, 'selectable')} dir="ltr" role="region" aria-label={file} tabIndex={0}>
        {lines === '' ? <i>{t('empty')}</i> : lines}
      </pre>
    </>
  )
}
