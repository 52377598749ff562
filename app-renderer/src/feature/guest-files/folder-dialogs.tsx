import { useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { Button, Dialog, FormDialog, TextField } from '../../ui/index.ts'
import s from './guest-files.module.css'
import { isEntryName } from './guest-path.ts'
import { visibleName, visiblePath } from './safe-name.ts'
import { useText } from './text.ts'
import type { Conflict } from './upload-plan.ts'

interface NewFolderProps {
  path: string
  taken: ReadonlySet<string>
  onCreate: (name: string) => void
  onClose: () => void
}

export const NewFolderDialog = ({ path, taken, onCreate, onClose }: NewFolderProps) => {
  const t = useText()
  const [name, setName] = useState('')
  const wrong = name === '' ? null : !isEntryName(name) ? t('badName') : taken.has(name) ? t('nameTaken') : null
  return (
    <FormDialog
      title={t('newFolderTitle', { path: visiblePath(path) })}
      action={t('create')}
      onSubmit={() => {
        if (name === '') return
        onCreate(name)
        onClose()
      }}
      onClose={onClose}
      reason={wrong}
    >
      <TextField label={t('folderName')} value={name} onChange={setName} error={wrong} autoFocus />
    </FormDialog>
  )
}

/** How many names a question spells out. */
const NAMED = 5

interface ConflictProps {
  path: string
  names: readonly string[]
  onAnswer: (conflict: Conflict) => void
  onClose: () => void
}

/** Asks once for all that is there already. */
export const ConflictDialog = ({ path, names, onAnswer, onClose }: ConflictProps) => {
  const t = useText()
  const format = useFormat()
  const shown = names.slice(0, NAMED).map(visibleName)
  const rest = names.length - NAMED
  const values = { count: names.length, path: visiblePath(path) }
  const listed = format.list(rest > 0 ? [...shown, t('andMore', { count: rest })] : shown)
  return (
    <Dialog
      title={t('conflictTitle')}
      onClose={onClose}
      size="m"
      footer={
        <>
          <Button look="line" onPress={onClose}>
            {t('cancel')}
          </Button>
          <Button look="line" onPress={() => onAnswer('skip')}>
            {t('skip')}
          </Button>
          <Button look="line" onPress={() => onAnswer('rename')}>
            {t('keepBoth')}
          </Button>
          <Button look="danger" onPress={() => onAnswer('replace')}>
            {t('replace')}
          </Button>
        </>
      }
    >
      <p className={s.question}>{t('conflictBody', { ...values, names: listed })}</p>
    </Dialog>
  )
}
