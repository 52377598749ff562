import type { AppError, ConnectionUri } from '@vireo/app-main/contract'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { useFormat } from '../../i18n/format.ts'
import { appErrorOf, failureText } from '../../store/app-error.ts'
import { useClient, useConnection, useOnline } from '../../store/hooks.ts'
import { Banner, Button, DataTable, Spinner } from '../../ui/index.ts'
import { Follower } from '../networks/follower.ts'
import type { Kind } from './kinds.tsx'
import { useText } from './text.ts'

interface Stock<Row> {
  /** Null before the first answer. */
  readonly rows: readonly Row[] | null
  /** Why the last list failed; what is shown is then older. */
  readonly error: AppError | null
}

/** Milliseconds after news of machines: each may use something else now. */
const MACHINES_MS = 1000

const useStock = <Row,>({ read }: Kind<Row>, connection: ConnectionUri): Stock<Row> & { reload: () => void } => {
  const client = useClient()
  const online = useOnline()
  const ready = useConnection(connection)?.state === 'ready'
  const [known, setKnown] = useState<Stock<Row>>({ rows: null, error: null })
  const [count, setCount] = useState(0)
  const reload = useCallback(() => setCount(before => before + 1), [])
  useEffect(() => setKnown({ rows: null, error: null }), [read, connection])
  useEffect(() => {
    // What was known stays in sight until somebody can be asked again.
    if (!online || !ready) return undefined
    const follower = new Follower(async current => {
      try {
        const rows = await read(client, connection)
        if (current()) setKnown({ rows, error: null })
      } catch (thrown) {
        if (current()) setKnown(({ rows }) => ({ rows, error: appErrorOf(thrown) }))
      }
    })
    const end = client.domain.changed(change =>
      change.connection === connection ? follower.soon(MACHINES_MS) : undefined,
    )
    follower.soon(0)
    return () => {
      end()
      follower.dispose()
    }
  }, [client, read, connection, online, ready, count])
  return { ...known, reload }
}

/** One kind of what an LXD or Incus has. */
export const StockTable = <Row,>({ kind, connection }: { kind: Kind<Row>; connection: ConnectionUri }) => {
  const t = useText()
  const format = useFormat()
  const { rows, error, reload } = useStock(kind, connection)
  const columns = useMemo(() => kind.columns(t, format), [kind, t, format])
  const again = (
    <Button look="line" onPress={reload}>
      {t('retry')}
    </Button>
  )
  return (
    <>
      {error ? (
        <Banner tone="pause" title={t('failed')} actions={again}>
          <bdi>{failureText(error)}</bdi>
        </Banner>
      ) : null}
      {rows ? (
        <DataTable
          label={t(kind.id)}
          columns={columns}
          rows={rows}
          rowKey={kind.rowKey}
          sortedBy="name"
          empty={t(`none.${kind.id}`)}
          framed
        />
      ) : error ? null : (
        <p role="status" aria-label={t('looking')}>
          <Spinner />
        </p>
      )}
    </>
  )
}
