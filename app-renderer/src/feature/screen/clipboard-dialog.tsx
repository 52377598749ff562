import { useId, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { Button, copyToClipboard, Dialog } from '../../ui/index.ts'
import { type GuestClip, LONGEST_CLIP } from './guest-clipboard.ts'
import s from './screen.module.css'
import { useText } from './text.ts'

interface ClipboardDialogProps {
  name: string
  clip: GuestClip | null
  onSend: (text: string) => void
  onClose: () => void
}

/** Text in both directions, each a deliberate act: a guest neither reads nor fills this computer's clipboard by itself. */
export const ClipboardDialog = ({ name, clip, onSend, onClose }: ClipboardDialogProps) => {
  const t = useText()
  const format = useFormat()
  const [text, setText] = useState('')
  const tooLong = text.length > LONGEST_CLIP ? t('tooLong', { size: format.bytes(LONGEST_CLIP) }) : null
  const send = (): void => {
    onSend(text)
    onClose()
  }
  return (
    <Dialog
      title={t('clipboardTitle', { name })}
      size="m"
      onClose={onClose}
      footer={
        <Button look="solid" reason={tooLong} onPress={send}>
          {t('send')}
        </Button>
      }
    >
      <ToGuest value={text} onChange={setText} />
      <FromGuest clip={clip} />
    </Dialog>
  )
}

const ToGuest = ({ value, onChange }: { value: string; onChange: (value: string) => void }) => {
  const t = useText()
  const field = useId()
  // Refused or unavailable: the person pastes with the keyboard instead.
  const insert = (): void =>
    void navigator.clipboard.readText().then(onChange, () => document.getElementById(field)?.focus())
  return (
    <div className={s.clip}>
      <div className={s.clipHead}>
        <label htmlFor={field}>{t('toGuest')}</label>
        <Button small look="line" icon="paste" onPress={insert}>
          {t('readClipboard')}
        </Button>
      </div>
      <textarea
        id={field}
        className={s.text}
        rows={5}
        value={value}
        onChange={event => onChange(event.target.value)}
        spellCheck={false}
        autoFocus
      />
      <small>{t('toGuestHint')}</small>
    </div>
  )
}

const FromGuest = ({ clip }: { clip: GuestClip | null }) => {
  const t = useText()
  const field = useId()
  if (!clip) return <p>{t('fromGuestNone')}</p>
  return (
    <div className={s.clip}>
      <div className={s.clipHead}>
        <label htmlFor={field}>{t('fromGuest')}</label>
        <Button small look="line" icon="copy" onPress={() => void copyToClipboard(clip.text)}>
          {t('copyOut')}
        </Button>
      </div>
      <textarea id={field} className={s.text} rows={5} value={clip.text} readOnly />
      {clip.cut ? <small>{t('fromGuestCut')}</small> : null}
    </div>
  )
}
