import type { AppError, CreatePlan, PlannedFile } from '@vireo/app-main/contract'
import { useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { Banner, Button, copyToClipboard, cx, Facts, Select, Spinner } from '../../ui/index.ts'
import { errorWords } from '../hosts/error-words.ts'
import { usePlaceName } from '../notices/place.ts'
import s from './create.module.css'
import { fetchable, ImageWork } from './image-work.tsx'
import type { StepProps } from './parts.ts'
import { useText } from './text.ts'
import { type Planned, usePlan } from './use-plan.ts'
import { dispatch } from './wizard-store.ts'
import type { Wrong } from './wrong.ts'

/** What stands before the machine: each leads to its step. */
const Faults = ({ wrong }: { wrong: readonly Wrong[] }) => {
  const t = useText()
  return (
    <div role="alert" className={cx(s.trouble)}>
      <b>{t('wrongBefore')}</b>
      <ul>
        {wrong.map(({ step, field, fault }) => (
          <li key={field}>
            <Button small onPress={() => dispatch({ type: 'go', step })}>
              {t(`step.${step}`)}
            </Button>
            <span>{t(`fault.${fault}`)}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

const Files = ({ files }: { files: readonly PlannedFile[] }) => {
  const t = useText()
  const format = useFormat()
  return (
    <section className={cx(s.part)}>
      <h3>{t('files')}</h3>
      <ul className={cx(s.files)}>
        {files.map(({ path, kind, bytes, made }) => (
          <li key={path}>
            <b>{t(`file.${kind}`)}</b>
            <bdi className={cx(s.path, 'selectable')}>{path}</bdi>
            <small>{made ? (bytes > 0 ? t('fileSize', { size: format.bytes(bytes) }) : '') : t('fileStays')}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}

const DOCUMENTS = ['domainXml', 'userData', 'metaData', 'networkConfig', 'commands'] as const
type DocumentId = (typeof DOCUMENTS)[number]

/** A hash tells nobody anything, and need not be read over a shoulder. */
const documentOf = (plan: CreatePlan, id: DocumentId, hash: string | null): string | null => {
  if (id === 'domainXml') return plan.domainXml
  if (id === 'commands') return plan.commands.join('\n')
  const words = plan.seed?.[id] ?? null
  return words === null || hash === null ? words : words.replaceAll(hash, '$6$…')
}

const Documents = ({ plan, hash }: { plan: CreatePlan; hash: string | null }) => {
  const t = useText()
  const [wanted, setWanted] = useState<DocumentId>('domainXml')
  const there = DOCUMENTS.filter(id => documentOf(plan, id, hash) !== null)
  const shown = there.includes(wanted) ? wanted : 'domainXml'
  const words = documentOf(plan, shown, hash) ?? ''
  return (
    <section className={cx(s.part)}>
      <div className={cx(s.cardHead)}>
        <h3>{t('documents')}</h3>
        <Select
          label={t('documents')}
          labelHidden
          options={there.map(id => ({ id, label: t(`document.${id}`) }))}
          value={shown}
          onChange={setWanted}
        />
        <Button small look="line" icon="copy" onPress={() => void copyToClipboard(words)}>
          {t('copyDocument')}
        </Button>
      </div>
      {shown === 'commands' ? <p className={cx(s.dim)}>{t('commandsAbout')}</p> : null}
      <pre className={cx(s.document, 'selectable')} tabIndex={0} dir="ltr" aria-label={t(`document.${shown}`)}>
        {words}
      </pre>
    </section>
  )
}

const Plan = ({ plan, hash }: { plan: CreatePlan; hash: string | null }) => {
  const t = useText()
  const format = useFormat()
  const placeName = usePlaceName()
  const figures = {
    cpus: t('part.cpus', { count: plan.cpus }),
    memory: format.bytes(plan.memoryBytes),
  }
  const facts = [
    { term: t('name'), value: <bdi>{plan.name}</bdi> },
    { term: t('hostname'), value: <bdi>{plan.hostname}</bdi> },
    { term: t('on'), value: placeName(plan.connection) },
    { term: t('step.resources'), value: t(plan.accelerated ? 'accelerated' : 'emulatedShort', figures) },
    { term: t('firmware'), value: t(`firmware.${plan.firmware}`) },
    ...(plan.seed ? [{ term: t('loginAs'), value: <bdi>{plan.user ?? t('loginNobody')}</bdi> }] : []),
  ]
  return (
    <>
      {plan.warnings.length > 0 ? (
        <Banner tone="pause" title={t('warnings')}>
          <ul className={cx(s.warnings)}>
            {plan.warnings.map(words => (
              <li key={words}>
                <bdi>{words}</bdi>
              </li>
            ))}
          </ul>
        </Banner>
      ) : null}
      <Facts facts={facts} />
      <Files files={plan.files} />
      <Documents plan={plan} hash={hash} />
    </>
  )
}

interface TroubleProps {
  error: AppError
  props: StepProps
  again: () => void
}

const Trouble = ({ error, props, again }: TroubleProps) => {
  const t = useText()
  const { source } = props.draft
  // What has to be fetched can be fetched from here; other sources are what they are.
  if (error.kind === 'precondition' && fetchable(source))
    return (
      <>
        <Banner tone="info" title={error.message}>
          {t('notHere')}
        </Banner>
        <ImageWork source={source} />
      </>
    )
  return (
    <div role="alert" className={cx(s.trouble, 'selectable')}>
      <b>{t('planFailed')}</b>
      <bdi>{errorWords(error)}</bdi>
      {'issues' in error ? error.issues?.map(issue => <bdi key={issue}>{issue}</bdi>) : null}
      <div>
        <Button small look="line" onPress={again}>
          {t('retry')}
        </Button>
      </div>
    </div>
  )
}

const Outcome = ({ planned, props }: { planned: Planned; props: StepProps }) => {
  const t = useText()
  const { plan, error, looking } = planned
  const { draft } = props
  if (plan) return <Plan plan={plan} hash={draft.passwordHash} />
  if (error && !looking) return <Trouble error={error} props={props} again={planned.again} />
  return (
    <p role="status" className={cx(s.line)}>
      <Spinner />
      <span>{t('planning')}</span>
    </p>
  )
}

/** What will be made, before anything is. */
export const ReviewStep = (props: StepProps & { wrong: readonly Wrong[] }) => {
  const { wrong, draft, around } = props
  const planned = usePlan(draft, around, wrong.length === 0 && !around.readOnly)
  const fetched = around.offers.value
  const { again, error } = planned
  // An image that came in the meantime changes the answer.
  const [seen, setSeen] = useState(fetched)
  if (seen !== fetched) {
    setSeen(fetched)
    if (error) again()
  }
  if (wrong.length > 0) return <Faults wrong={wrong} />
  return <Outcome planned={planned} props={props} />
}
