import type { CatalogueImage } from '@vireo/app-main/contract'
import { useId, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { Banner, Button, cx, Search, Select, TextField } from '../../ui/index.ts'
import { errorWords } from '../hosts/error-words.ts'
import { usePlaceName } from '../notices/place.ts'
import s from './create.module.css'
import { type Draft, type Source, sourceWords, waysOf } from './draft.ts'
import { ImageWork } from './image-work.tsx'
import type { StepProps } from './parts.ts'
import { chosenOffer, matching, nameOfPlace, type Offers, proposalOf, type SourceOffer } from './sources.ts'
import { useText } from './text.ts'
import { UnfinishedList } from './unfinished-list.tsx'
import type { Around } from './use-around.ts'
import { dispatch } from './wizard-store.ts'

/** A source brings a name and sizes, unless somebody typed others. */
const useChoose = ({ taken: there, half, hostCpus }: Around) => {
  const taken = new Set([...there, ...half])
  return {
    offer: (offer: SourceOffer) =>
      dispatch({ type: 'source', source: offer.source, proposal: proposalOf(offer, taken, hostCpus) }),
    own: (place: string) => {
      const proposal = proposalOf({ name: nameOfPlace(place), entry: null, image: null }, taken, hostCpus)
      dispatch({ type: 'source', source: { kind: 'own', place }, proposal })
    },
  }
}

const useDetails = (): ((offer: SourceOffer) => readonly string[]) => {
  const t = useText()
  const format = useFormat()
  return ({ image, entry }) =>
    image
      ? [
          t(image.format === 'iso' ? 'isIso' : 'isImage'),
          format.bytes(image.fileBytes),
          ...(image.signature.state === 'good' ? [t('signed')] : []),
        ]
      : entry?.supportedUntil
        ? [t('supportedUntil', { until: entry.supportedUntil })]
        : []
}

/** Its first letter on its colour. */
const OsMark = ({ name, icon }: { name: string; icon: string | null }) => (
  <em className={cx(s.os)} data-os={icon ?? undefined} aria-hidden>
    {(icon ?? name).slice(0, 1).toUpperCase()}
  </em>
)

interface GroupProps {
  title: string
  offers: readonly SourceOffer[]
  chosen: string | null
  name: string
  onChoose: (offer: SourceOffer) => void
}

const Group = ({ title, offers, chosen, name, onChoose }: GroupProps) => {
  const details = useDetails()
  const id = useId()
  if (offers.length === 0) return null
  return (
    <section className={cx(s.group)} aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      <div className={cx(s.offers)}>
        {offers.map(offer => (
          <label key={offer.id} className={cx(s.offer)}>
            <input type="radio" name={name} checked={chosen === offer.id} onChange={() => onChoose(offer)} />
            <OsMark name={offer.name} icon={offer.entry?.icon ?? null} />
            <span>
              <bdi>{offer.name}</bdi>
              <small>{details(offer).join(' · ')}</small>
            </span>
          </label>
        ))}
      </div>
    </section>
  )
}

/** How a system of the catalogue is had. */
const Ways = ({ entry, source, onChoose }: WaysProps) => {
  const t = useText()
  const ways = waysOf(entry)
  return (
    <div className={cx(s.way)}>
      {ways.length > 1 ? (
        <Select
          label={t('way')}
          options={ways.map(id => ({ id, label: t(`way.${id}`) }))}
          value={source.way}
          onChange={way => onChoose({ ...source, way })}
        />
      ) : null}
      <p className={cx(s.dim)}>
        {source.way === 'any' && entry.first !== null ? t(`takes.${entry.first}`) : t(`about.${source.way}`)}
      </p>
    </div>
  )
}

interface WaysProps {
  entry: CatalogueImage
  source: Extract<Source, { kind: 'system' }>
  onChoose: (source: Source) => void
}

const Own = ({ draft, errorOf, name, onChoose }: OwnProps) => {
  const t = useText()
  const own = draft.source?.kind === 'own' ? draft.source : null
  const id = useId()
  return (
    <section className={cx(s.group)} aria-labelledby={id}>
      <h3 id={id}>{t('ownGroup')}</h3>
      <label className={cx(s.offer)}>
        <input type="radio" name={name} checked={own !== null} onChange={() => onChoose('')} />
        <span>{t('own')}</span>
      </label>
      {own ? (
        <TextField
          label={t('ownPlace')}
          value={own.place}
          onChange={onChoose}
          description={t('ownPlaceHint')}
          error={errorOf('source')}
          mono
          autoFocus
        />
      ) : null}
    </section>
  )
}

interface OwnProps extends Pick<StepProps, 'draft' | 'errorOf'> {
  name: string
  onChoose: (place: string) => void
}

const Lists = ({ offers, ...props }: ListsProps) => {
  const t = useText()
  const [query, setQuery] = useState('')
  const choose = useChoose(props.around)
  const name = useId()
  const { draft } = props
  const chosen = draft.source === null ? null : (chosenOffer(offers, draft.source)?.id ?? sourceWords(draft.source))
  const here = matching(offers.here, query)
  const systems = matching(offers.systems, query)
  const only = here[0] ?? systems[0]
  return (
    <>
      <Search
        label={t('findSource')}
        value={query}
        onChange={setQuery}
        onKeyDown={event => {
          if (event.key !== 'Enter' || query === '') return
          // It chooses what was found; the next Enter makes it.
          event.preventDefault()
          if (only) choose.offer(only)
        }}
      />
      <Group title={t('here')} offers={here} chosen={chosen} name={name} onChoose={choose.offer} />
      <Group title={t('systems')} offers={systems} chosen={chosen} name={name} onChoose={choose.offer} />
      {only ? null : <p className={cx(s.dim)}>{t('nothingMatches')}</p>}
      <Own {...props} name={name} onChoose={choose.own} />
    </>
  )
}

interface ListsProps extends StepProps {
  offers: Offers
}

/** Another host has other pools and networks. */
const placeless = ({ nics }: Draft): Partial<Draft> => ({
  pool: '',
  nics: nics.map(nic => (nic.type === 'network' ? { ...nic, source: '' } : nic)),
})

/** What it is made from. */
export const SourceStep = (props: StepProps) => {
  const t = useText()
  const placeName = usePlaceName()
  const { draft, around, change, errorOf } = props
  const { offers, places, connection } = around
  const { source } = draft
  const error = errorOf('source')
  const entry = offers.value ? (chosenOffer(offers.value, source)?.entry ?? null) : null
  return (
    <>
      {places.length > 1 ? (
        <Select
          label={t('place')}
          options={places.map(id => ({ id, label: placeName(id) }))}
          value={connection}
          onChange={place => change({ connection: place, ...placeless(draft) })}
        />
      ) : null}
      <UnfinishedList list={around.unfinished} />
      {offers.error ? (
        <Banner
          tone="pause"
          title={t('noSources')}
          actions={
            <Button small onPress={offers.again}>
              {t('retry')}
            </Button>
          }
        >
          <bdi>{errorWords(offers.error)}</bdi>
        </Banner>
      ) : null}
      {offers.value ? <Lists {...props} offers={offers.value} /> : null}
      {offers.value === null && offers.error === null ? <p className={cx(s.dim)}>{t('looking')}</p> : null}
      {source?.kind === 'system' && entry ? (
        <Ways entry={entry} source={source} onChoose={way => change({ source: way })} />
      ) : null}
      <ImageWork source={source} />
      {source === null && error ? (
        <p role="alert" className={cx(s.error)}>
          {error}
        </p>
      ) : null}
    </>
  )
}
