import { useEffect, useState } from 'react'
import { Button, cx, Icon, Switch, TextArea, TextField } from '../../ui/index.ts'
import s from './create.module.css'
import type { Draft } from './draft.ts'
import { hashPassword, isPassword } from './hash-password.ts'
import type { StepProps } from './parts.ts'
import { chosenOffer } from './sources.ts'
import { useText } from './text.ts'
import { dispatch } from './wizard-store.ts'

/** The words typed live here only, as long as this is in sight; the draft gets their hash. */
const NewPassword = ({ change, errorOf }: Pick<StepProps, 'change' | 'errorOf'>) => {
  const t = useText()
  const [[first, second], setTyped] = useState(['', ''])
  const type = (one: string, other: string): void => {
    setTyped([one, other])
    const same = one === other && isPassword(one)
    change({ passwordHash: same ? hashPassword(one) : null, passwordDiffers: !same && one + other !== '' })
  }
  // The fields are empty again: what was wrong with the words before went with them.
  useEffect(() => dispatch({ type: 'change', part: { passwordDiffers: false } }), [])
  return (
    <div className={cx(s.pair)}>
      <TextField
        label={t('password')}
        value={first ?? ''}
        onChange={value => type(value, second ?? '')}
        description={t('passwordHint')}
        secret
      />
      <TextField
        label={t('passwordAgain')}
        value={second ?? ''}
        onChange={value => type(first ?? '', value)}
        error={errorOf('password')}
        secret
      />
    </div>
  )
}

const Password = ({ draft, change, errorOf }: StepProps) => {
  const t = useText()
  // One that was set before this step was opened is not typed again.
  const [kept, setKept] = useState(draft.passwordHash !== null)
  if (!kept) return <NewPassword change={change} errorOf={errorOf} />
  const forget = (): void => {
    change({ passwordHash: null })
    setKept(false)
  }
  return (
    <div className={cx(s.line)}>
      <Icon name="check" size={14} />
      <span>{t('passwordSet')}</span>
      <Button small look="line" onPress={forget}>
        {t('passwordChange')}
      </Button>
    </div>
  )
}

const Keys = ({ draft, around, change, errorOf }: StepProps) => {
  const t = useText()
  const found = around.keys.value ?? []
  return (
    <fieldset className={cx(s.set)}>
      <legend>{t('keys')}</legend>
      {around.keys.value !== null && found.length === 0 ? <p className={cx(s.dim)}>{t('keysNone')}</p> : null}
      {found.map(({ line, type, comment, source }) => (
        <label key={line} className={cx(s.check)}>
          <input
            type="checkbox"
            checked={!draft.keysLeftOut.includes(line)}
            onChange={event => dispatch({ type: 'key', line, on: event.target.checked })}
          />
          <span>
            <bdi>{comment || t('keyNoComment')}</bdi>
            <small>
              <bdi>{[type, source === 'agent' ? t('fromAgent') : source].join(' · ')}</bdi>
            </small>
          </span>
        </label>
      ))}
      <TextArea
        label={t('ownKeys')}
        value={draft.ownKeys}
        onChange={ownKeys => change({ ownKeys })}
        description={t('ownKeysHint')}
        error={errorOf('ownKeys')}
        rows={2}
        mono
      />
    </fieldset>
  )
}

const Login = (props: StepProps) => {
  const t = useText()
  const { draft, around, change, errorOf } = props
  const offer = around.offers.value ? chosenOffer(around.offers.value, draft.source) : null
  const usual = offer?.image?.defaultUser ?? offer?.entry?.defaultUser
  return (
    <>
      <Switch label={t('withUser')} on={draft.withUser} onChange={withUser => change({ withUser })} />
      {draft.withUser ? (
        <>
          <TextField
            label={t('user')}
            value={draft.user}
            onChange={user => change({ user })}
            description={usual ? t('userHint', { user: usual }) : t('userHintOwn')}
            error={errorOf('user')}
            mono
          />
          <Keys {...props} />
          <Password {...props} />
        </>
      ) : null}
    </>
  )
}

/** As far as the words tell: of a file its name. */
const isMedium = ({ source }: Draft): boolean => {
  if (source?.kind === 'system') return source.way === 'iso'
  return source?.kind === 'own' && /\.iso$/i.test(source.place.trim())
}

/** What it is called, and who gets in. */
export const IdentityStep = (props: StepProps) => {
  const t = useText()
  const { draft, around, change, errorOf } = props
  const offer = around.offers.value ? chosenOffer(around.offers.value, draft.source) : null
  const isIso = offer?.image?.format === 'iso' || isMedium(draft)
  return (
    <>
      <div className={cx(s.pair)}>
        <TextField
          label={t('name')}
          value={draft.name}
          onChange={name => change({ name })}
          description={t('nameHint')}
          error={errorOf('name')}
          mono
        />
        <TextField
          label={t('hostname')}
          value={draft.hostname}
          onChange={hostname => change({ hostname })}
          description={t('hostnameHint')}
          error={errorOf('hostname')}
          mono
        />
      </div>
      {isIso ? (
        <>
          <Switch
            label={t('unattended')}
            on={draft.unattended}
            // What the installed system is told comes by cloud-init.
            onChange={unattended => change(unattended ? { unattended, cloudInit: true } : { unattended })}
          />
          <p className={cx(s.dim)}>{t(draft.unattended ? 'unattendedHint' : 'isoNoSeed')}</p>
          {draft.unattended ? <Login {...props} /> : null}
        </>
      ) : (
        <>
          <Switch label={t('cloudInit')} on={draft.cloudInit} onChange={cloudInit => change({ cloudInit })} />
          {draft.cloudInit ? <Login {...props} /> : null}
        </>
      )}
    </>
  )
}
