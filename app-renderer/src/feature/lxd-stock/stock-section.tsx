import { useId } from 'react'
import { useConnections } from '../../store/hooks.ts'
import { cx } from '../../ui/index.ts'
import { launchPlaces } from '../launch/launch-places.ts'
import { usePlaceName } from '../notices/place.ts'
import type { Kind } from './kinds.tsx'
import s from './lxd-stock.module.css'
import { StockTable } from './stock-table.tsx'

/** One kind of what each LXD and Incus that is connected has, as parts of a page. */
export const StockSections = <Row,>({ kind }: { kind: Kind<Row> }) => {
  const placeName = usePlaceName()
  const id = useId()
  return launchPlaces(useConnections().values()).map((uri, at) => (
    <section key={uri} className={cx(s.section)} aria-labelledby={`${id}${at}`}>
      <h2 id={`${id}${at}`}>
        <bdi title={uri}>{placeName(uri)}</bdi>
      </h2>
      <StockTable kind={kind} connection={uri} />
    </section>
  ))
}
