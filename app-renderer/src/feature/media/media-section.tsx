import type { BootDevice, DomainSummary, MediaDrive, VireoClient } from '@vireo/app-main/contract'
import { useState } from 'react'
import { hindranceOf } from '../../store/action.ts'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient, useConnection, useEntries, useOnline } from '../../store/hooks.ts'
import {
  Badge,
  Button,
  confirm,
  IconButton,
  MenuButton,
  Section,
  SectionLine,
  SectionRow,
  SectionRows,
} from '../../ui/index.ts'
import { hindranceWords } from '../action/action-words.ts'
import { showFailure } from '../action/run-action.ts'
import { InsertDialog } from './insert-dialog.tsx'
import { text, useText } from './text.ts'
import { useMedia } from './use-media.ts'

/** Why nothing of it can be changed now; null when it can. */
const useReason = (domain: DomainSummary): string | null => {
  const entry = useEntries().find(one => one.room === 'media' && one.name === 'insert')
  const connection = useConnection(domain.connection)
  const online = useOnline()
  return entry ? hindranceWords(hindranceOf(entry, domain, connection, online)) : null
}

/** What lies in a machine's drives, and what it starts from. */
export const MediaSection = ({ domain, shown }: { domain: DomainSummary; shown: boolean }) => {
  const t = useText()
  const { media, error } = useMedia(domain, shown)
  const reason = useReason(domain)
  /** The drive that is asked for; null: a new one. */
  const [asked, setAsked] = useState<string | null | undefined>()
  return (
    <Section
      title={t('title')}
      actions={
        media?.drives.length === 0 ? (
          <Button small look="line" aria-haspopup="dialog" reason={reason} onPress={() => setAsked(null)}>
            {t('insert')}
          </Button>
        ) : null
      }
      failure={error && { title: t('failed'), text: failureText(error) }}
      note={media?.drives.length === 0 ? t('none') : null}
    >
      {media === null || media.drives.length === 0 ? null : (
        <SectionRows>
          {media.drives.map(drive => (
            <Row key={drive.target} {...{ domain, drive, reason }} onInsert={() => setAsked(drive.target)} />
          ))}
        </SectionRows>
      )}
      {media === null || media.boot.length === 0 ? null : <Boot {...{ domain, reason }} boot={media.boot} />}
      {asked === undefined ? null : <InsertDialog domain={domain} drive={asked} onClose={() => setAsked(undefined)} />}
    </Section>
  )
}

interface RowProps {
  domain: DomainSummary
  drive: MediaDrive
  reason: string | null
  onInsert: () => void
}

const Row = ({ domain, drive, reason, onInsert }: RowProps) => {
  const t = useText()
  const client = useClient()
  const { target, source, nextSource, present, open } = drive
  const medium = present ? source : nextSource
  return (
    <SectionRow
      actions={
        <>
          <Button
            small
            look="line"
            aria-haspopup="dialog"
            aria-label={t(medium === null ? 'insertLabel' : 'changeLabel', { drive: target })}
            reason={reason}
            onPress={onInsert}
          >
            {medium === null ? t('insert') : t('change')}
          </Button>
          {medium === null ? null : (
            <IconButton
              icon="cross"
              label={t('eject', { drive: target })}
              reason={reason}
              onPress={() => void eject(client, domain, target)}
              small
            />
          )}
        </>
      }
    >
      <SectionLine>
        <bdi className="mono">
          <b>{target}</b>
        </bdi>
        {present ? null : <Badge title={t('laterHint')}>{t('later')}</Badge>}
        {open ? <Badge>{t('open')}</Badge> : null}
      </SectionLine>
      <small>{medium === null ? t('empty') : <bdi className="selectable">{medium}</bdi>}</small>
      {present && nextSource !== source ? <small>{t('next', { medium: nextSource ?? t('empty') })}</small> : null}
    </SectionRow>
  )
}

/** A drive that the guest uses is emptied only when somebody insists. */
const eject = async (client: VireoClient, { id, state }: DomainSummary, drive: string): Promise<void> => {
  const title = text('ejectFailed', { drive })
  try {
    await client.media.eject({ id, drive })
  } catch (thrown) {
    const error = appErrorOf(thrown)
    if (error.kind !== 'precondition' || state !== 'running') return showFailure(title, error)
    const yes = await confirm({
      ...{ title: text('forceTitle', { drive }), action: text('forceNow'), danger: true },
      body: text('forceBody', { reason: error.message }),
    })
    if (!yes) return
    await client.media
      .eject({ id, drive, force: true })
      .catch((again: unknown) => showFailure(title, appErrorOf(again)))
  }
}

interface BootProps {
  domain: DomainSummary
  boot: readonly BootDevice[]
  reason: string | null
}

const Boot = ({ domain, boot, reason }: BootProps) => {
  const t = useText()
  const client = useClient()
  const order = boot.filter(one => one.order !== null).toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
  const first = async (device: string): Promise<void> => {
    try {
      await client.media.boot({ id: domain.id, device })
    } catch (thrown) {
      showFailure(text('bootFailed'), appErrorOf(thrown))
    }
  }
  return (
    <SectionRows>
      <SectionRow
        actions={
          <MenuButton
            small
            icon="more"
            label={t('first')}
            entries={boot.map(({ device, kind }) => ({
              ...{ id: device, label: t(`kind.${kind}`, { device }), reason },
              onAction: () => void first(device),
            }))}
          />
        }
      >
        <small>
          {t('starts')}{' '}
          {order.length === 0 ? (
            t('startsNone')
          ) : (
            <bdi className="mono">{order.map(({ device }) => device).join(', ')}</bdi>
          )}
        </small>
      </SectionRow>
    </SectionRows>
  )
}
