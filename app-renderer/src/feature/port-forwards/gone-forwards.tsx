import { Section } from '../../ui/index.ts'
import { ForwardRow } from './forwards-section.tsx'
import s from './port-forwards.module.css'
import { useText } from './text.ts'
import { useForwards } from './use-forwards.ts'

/** Forwards that no machine's page shows any more, because there is no such machine; nothing where there are none. */
export const GoneForwards = () => {
  const t = useText()
  const { all } = useForwards(null, true)
  const gone = (all ?? []).filter(({ state }) => state === 'gone')
  if (gone.length === 0) return null
  return (
    <Section title={t('goneTitle')} actions={null}>
      <p className={s.none}>{t('goneBody')}</p>
      <ul className={s.list}>
        {gone.map(forward => (
          <ForwardRow key={forward.id} forward={forward} />
        ))}
      </ul>
    </Section>
  )
}
