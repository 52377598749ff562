import type { DomainSummary, Forward } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { Badge, Banner, Button, CopyText, IconButton, Section, type Tone } from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { AddDialog } from './add-dialog.tsx'
import { placeOf } from './forward-draft.ts'
import s from './port-forwards.module.css'
import { text, useText } from './text.ts'
import { useForwards } from './use-forwards.ts'

const TONES: Readonly<Partial<Record<Forward['state'], Tone>>> = {
  ...{ listening: 'run', off: 'neutral', starting: 'neutral' },
  ...{ 'port-in-use': 'fail', 'no-permission': 'fail', 'no-such-address': 'fail', gone: 'fail' },
}

/** The ports of this computer that lead into one machine. */
export const ForwardsSection = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const { all, error } = useForwards(domain.id, shown)
  const [adding, setAdding] = useState(false)
  return (
    <Section
      title={t('title')}
      actions={
        <Button small look="line" aria-haspopup="dialog" onPress={() => setAdding(true)}>
          {t('add')}
        </Button>
      }
    >
      {error ? (
        <Banner tone="pause" title={t('failed')}>
          <bdi>{[error.message, error.hint].filter(Boolean).join(' ')}</bdi>
        </Banner>
      ) : null}
      {all === null || all.length > 0 ? null : <p className={s.none}>{t('none')}</p>}
      {all === null || all.length === 0 ? null : (
        <ul className={s.list}>
          {all.map(forward => (
            <ForwardRow key={forward.id} forward={forward} />
          ))}
        </ul>
      )}
      {adding ? <AddDialog domain={domain} onClose={() => setAdding(false)} /> : null}
    </Section>
  )
}

export const ForwardRow = ({ forward }: { forward: Forward }) => {
  const t = useText()
  const client = useClient()
  const { id, name, state, reason, connections, guestPort, exposed, address, way } = forward
  const place = placeOf(forward)
  const remove = async (): Promise<void> => {
    try {
      await client.forward.remove({ forward: id })
    } catch (thrown) {
      showFailure(text('removeFailed', { place }), appErrorOf(thrown))
    }
  }
  return (
    <li className={s.row}>
      <span className={s.words}>
        <span className={s.line}>
          <CopyText value={place} /> {t(state === 'gone' ? 'ledTo' : 'leadsTo', { port: guestPort, name })}
        </span>
        <span className={s.line}>
          <Badge tone={TONES[state] ?? 'pause'}>{t(`state.${state}`)}</Badge>
          {exposed ? (
            <Badge tone="pause" title={t('exposedHint', { address })}>
              {t('exposed')}
            </Badge>
          ) : null}
          {way === 'passt' ? <Badge title={t('byLibvirt')}>{way}</Badge> : null}
          {connections > 0 ? <small>{t('connections', { count: connections })}</small> : null}
        </span>
        {/* That the machine is off stands everywhere already. */}
        {reason === null || state === 'off' ? null : (
          <small>
            <bdi>{reason}</bdi>
          </small>
        )}
      </span>
      <IconButton icon="trash" label={t('remove', { place })} onPress={() => void remove()} small />
    </li>
  )
}
