import type { CreateSeed } from '@vireo/app-main/contract'
import { cx, Select, Switch, TextArea, TextField } from '../../ui/index.ts'
import { errorWords } from '../hosts/error-words.ts'
import s from './create.module.css'
import type { StepProps } from './parts.ts'
import { useText } from './text.ts'
import { HIDDEN_HASH, useSeed } from './use-plan.ts'

const FIRMWARES = ['auto', 'bios', 'uefi', 'secure-boot'] as const
const AGENTS = ['auto', 'yes', 'no'] as const

const Hardware = ({ draft, around, change }: StepProps) => {
  const t = useText()
  const host = around.options.value
  const possible = FIRMWARES.filter(
    id => id === 'auto' || id === draft.firmware || !host || host.firmwares.includes(id),
  )
  return (
    <section className={cx(s.part)}>
      <h3>{t('hardware')}</h3>
      <Select
        label={t('firmware')}
        options={possible.map(id => ({ id, label: t(`firmware.${id}`) }))}
        value={draft.firmware}
        onChange={firmware => change({ firmware })}
      />
      <Switch
        label={t('tpm')}
        on={draft.tpm}
        onChange={tpm => change({ tpm })}
        reason={host && !host.tpm && !draft.tpm ? t('tpmMissing') : null}
      />
      <Switch label={t('desktop')} on={draft.desktop} onChange={desktop => change({ desktop })} />
      <Switch label={t('start')} on={draft.start} onChange={start => change({ start })} />
      <Switch label={t('autostart')} on={draft.autostart} onChange={autostart => change({ autostart })} />
    </section>
  )
}

/** What becomes of it together with the fields. */
const Merged = ({ seed, hash }: { seed: CreateSeed; hash: string | null }) => {
  const t = useText()
  const words = seed.seed?.userData ?? ''
  if (words === '') return null
  return (
    <details className={cx(s.more)}>
      <summary>{t('merged')}</summary>
      <pre className={cx(s.document, 'selectable')} tabIndex={0} dir="ltr" aria-label={t('merged')}>
        {hash === null ? words : words.replaceAll(hash, HIDDEN_HASH)}
      </pre>
    </details>
  )
}

/** The service reads it while one types, whatever else is filled in. */
const UserData = ({ draft, around, change, errorOf, faulty }: StepProps) => {
  const t = useText()
  const begun = draft.userData.trim() !== ''
  const wanted = !faulty.has('userData') && !around.readOnly
  const { value, error, looking } = useSeed(draft, around, faulty, wanted)
  const refusal = wanted && begun && !looking && error?.kind === 'invalid-input' ? error : null
  const issues = refusal && 'issues' in refusal ? (refusal.issues ?? []) : []
  const warnings = begun && !looking ? (value?.warnings ?? []) : []
  return (
    <>
      <TextArea
        label={t('userData')}
        value={draft.userData}
        onChange={userData => change({ userData })}
        description={t('userDataHint')}
        error={errorOf('userData') ?? (refusal ? errorWords(refusal) : null)}
        placeholder={t('userDataBegin')}
        rows={8}
        mono
      />
      {issues.length > 0 ? (
        <ul className={cx(s.issues, 'selectable')} aria-label={t('userDataRefused')}>
          {issues.map(issue => (
            <li key={issue}>
              <bdi>{issue}</bdi>
            </li>
          ))}
        </ul>
      ) : null}
      {wanted && begun && value && !looking ? (
        <p role="status" className={cx(warnings.length > 0 ? s.warn : s.fine)}>
          {warnings.length > 0 ? <bdi>{warnings.join(' ')}</bdi> : t('userDataFine')}
        </p>
      ) : null}
      {value ? <Merged seed={value} hash={draft.passwordHash} /> : null}
    </>
  )
}

const FirstStart = (props: StepProps) => {
  const t = useText()
  const { draft, change } = props
  return (
    <section className={cx(s.part)}>
      <h3>{t('firstStart')}</h3>
      <Switch label={t('qemuAgent')} on={draft.qemuAgent} onChange={qemuAgent => change({ qemuAgent })} />
      <Select
        label={t('vireoAgent')}
        options={AGENTS.map(id => ({ id, label: t(`vireoAgent.${id}`) }))}
        value={draft.vireoAgent}
        onChange={vireoAgent => change({ vireoAgent })}
      />
      <TextField
        label={t('packages')}
        value={draft.packages}
        onChange={packages => change({ packages })}
        description={t('packagesHint')}
        mono
      />
      <TextArea
        label={t('commands')}
        value={draft.commands}
        onChange={commands => change({ commands })}
        description={t('commandsHint')}
        mono
      />
      <UserData {...props} />
    </section>
  )
}

export const OptionsStep = (props: StepProps) => {
  const t = useText()
  const { draft, change, errorOf } = props
  return (
    <>
      <Hardware {...props} />
      {draft.cloudInit ? <FirstStart {...props} /> : null}
      <section className={cx(s.part)}>
        <h3>{t('about')}</h3>
        <TextField
          label={t('tags')}
          value={draft.tags}
          onChange={tags => change({ tags })}
          description={t('tagsHint')}
          error={errorOf('tags')}
        />
        <TextArea label={t('notes')} value={draft.notes} onChange={notes => change({ notes })} />
      </section>
    </>
  )
}
