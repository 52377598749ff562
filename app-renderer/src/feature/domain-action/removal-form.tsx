import { useId } from 'react'
import type { Choices, Fate, Preview } from './removal.ts'
import { questionsOf } from './removal.ts'
import s from './domain-action.module.css'
import { useText } from './text.ts'

interface RemovalFormProps {
  preview: Preview
  choices: Choices
  onChange: (choices: Choices) => void
  /** The disks go with the machine: there is nothing to choose. */
  goes: boolean
}

/** Exactly what goes and what stays, and why; what can go is chosen, never assumed. */
export const RemovalForm = ({ preview, choices, onChange, goes }: RemovalFormProps) => {
  const t = useText()
  const asked = questionsOf(preview)
  return (
    <>
      <section className={s.part}>
        <h3>{t('storage')}</h3>
        {preview.disks.length === 0 ? <p>{t('noDisks')}</p> : <DiskList preview={preview} fate={choices.storage} />}
        {asked.storage && !goes ? (
          <FateChoice
            label={t('storage')}
            value={choices.storage}
            onChange={storage => onChange({ ...choices, storage })}
          />
        ) : null}
      </section>
      {asked.nvram ? (
        <section className={s.part}>
          <h3>{t('nvram')}</h3>
          <p className={s.path}>
            <bdi>{preview.nvram}</bdi>
          </p>
          <FateChoice label={t('nvram')} value={choices.nvram} onChange={nvram => onChange({ ...choices, nvram })} />
        </section>
      ) : null}
      {preview.savedState ? <p>{t('alsoSaved')}</p> : null}
      {preview.snapshots > 0 ? <p>{t('alsoSnapshots', { count: preview.snapshots })}</p> : null}
    </>
  )
}

const DiskList = ({ preview, fate }: { preview: Preview; fate: Fate | null }) => {
  const t = useText()
  const chosen = { keep: t('willKeep'), delete: t('willDelete') }
  return (
    <ul className={s.disks}>
      {preview.disks.map(disk => (
        <li key={disk.target}>
          <b className="mono">{disk.target}</b>
          <span className={s.path}>
            <bdi>{disk.path}</bdi>
          </span>
          <span className={disk.keptBecause === null && fate === 'delete' ? s.gone : s.fate}>
            {disk.keptBecause === null ? fate && chosen[fate] : t('alwaysKept', { reason: disk.keptBecause })}
          </span>
        </li>
      ))}
    </ul>
  )
}

interface FateChoiceProps {
  label: string
  value: Fate | null
  onChange: (fate: Fate) => void
}

const FateChoice = ({ label, value, onChange }: FateChoiceProps) => {
  const t = useText()
  const name = useId()
  return (
    <div className={s.choice} role="radiogroup" aria-label={label}>
      {(['keep', 'delete'] as const).map(fate => (
        <label key={fate}>
          <input type="radio" name={name} checked={value === fate} onChange={() => onChange(fate)} />
          <span>
            {t(fate === 'keep' ? 'keep' : 'remove')}
            <small>{t(fate === 'keep' ? 'keepHint' : 'removeHint')}</small>
          </span>
        </label>
      ))}
    </div>
  )
}
