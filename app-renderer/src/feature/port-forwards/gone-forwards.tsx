import { Section, SectionRows } from '../../ui/index.ts'
import { ForwardRow } from './forwards-section.tsx'
import { useText } from './text.ts'
import { useForwards } from './use-forwards.ts'

/** Forwards that no machine's page shows any more, because there is no such machine; nothing where there are none. */
export const GoneForwards = () => {
  const t = useText()
  const { all } = useForwards(null, true)
  const gone = (all ?? []).filter(({ state }) => state === 'gone')
  if (gone.length === 0) return null
  return (
    <Section top title={t('goneTitle')} note={t('goneBody')}>
      <SectionRows>
        {gone.map(forward => (
          <ForwardRow key={forward.id} forward={forward} />
        ))}
      </SectionRows>
    </Section>
  )
}
