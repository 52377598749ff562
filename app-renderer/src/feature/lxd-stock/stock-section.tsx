import { useConnections } from '../../store/hooks.ts'
import { Section } from '../../ui/index.ts'
import { launchPlaces } from '../launch/launch-places.ts'
import { usePlaceName } from '../notices/place.ts'
import type { Kind } from './kinds.tsx'
import { StockTable } from './stock-table.tsx'

/** One kind of what each LXD and Incus that is connected has, as parts of a page. */
export const StockSections = <Row,>({ kind }: { kind: Kind<Row> }) => {
  const placeName = usePlaceName()
  return launchPlaces(useConnections().values()).map(uri => (
    <Section key={uri} top title={placeName(uri)} hint={uri}>
      <StockTable kind={kind} connection={uri} />
    </Section>
  ))
}
