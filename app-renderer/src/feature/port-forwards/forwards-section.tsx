import type { DomainSummary, Forward } from '@vireo/app-main/contract'
import { useState } from 'react'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import {
  Badge,
  Button,
  CopyText,
  IconButton,
  type Tone,
  Section,
  SectionLine,
  SectionRow,
  SectionRows,
} from '../../ui/index.ts'
import { showFailure } from '../action/run-action.ts'
import { AddDialog } from './add-dialog.tsx'
import { placeOf } from './forward-draft.ts'
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
      failure={error && { title: t('failed'), text: failureText(error) }}
      note={all?.length === 0 ? t('none') : null}
    >
      {all === null || all.length === 0 ? null : (
        <SectionRows>
          {all.map(forward => (
            <ForwardRow key={forward.id} forward={forward} />
          ))}
        </SectionRows>
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
    <SectionRow
      actions={<IconButton icon="trash" label={t('remove', { place })} onPress={() => void remove()} small />}
    >
      <SectionLine>
        <CopyText value={place} /> {t(state === 'gone' ? 'ledTo' : 'leadsTo', { port: guestPort, name })}
      </SectionLine>
      <SectionLine>
        <Badge tone={TONES[state] ?? 'pause'}>{t(`state.${state}`)}</Badge>
        {exposed ? (
          <Badge tone="pause" title={t('exposedHint', { address })}>
            {t('exposed')}
          </Badge>
        ) : null}
        {way === 'passt' ? <Badge title={t('byLibvirt')}>{way}</Badge> : null}
        {connections > 0 ? <small>{t('connections', { count: connections })}</small> : null}
      </SectionLine>
      {/* That the machine is off stands everywhere already. */}
      {reason === null || state === 'off' ? null : (
        <small>
          <bdi>{reason}</bdi>
        </small>
      )}
    </SectionRow>
  )
}
