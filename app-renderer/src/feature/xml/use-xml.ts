import type { AppError, DomainSummary } from '@vireo/app-main/contract'
import { useCallback, useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'

/** `inactive` is what the next start uses. */
export type Which = 'live' | 'inactive'

interface Xml {
  /** The last known document, null until the first came. */
  readonly xml: string | null
  readonly error: AppError | null
}

/** The machine's XML, read again whenever its summary changed while it is shown. */
export const useXml = (domain: DomainSummary, which: Which, shown: boolean): Xml & { reload: () => void } => {
  const client = useClient()
  const { id } = domain
  const [known, setKnown] = useState<Xml>({ xml: null, error: null })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (!shown) return undefined
    let current = true
    client.domain.xml({ id, inactive: which === 'inactive' }).then(
      ({ xml }) => (current ? setKnown(before => (before.xml === xml ? before : { xml, error: null })) : undefined),
      thrown => (current ? setKnown(before => ({ xml: before.xml, error: appErrorOf(thrown) })) : undefined),
    )
    return () => {
      current = false
    }
  }, [client, id, which, shown, domain, turn])
  return { ...known, reload: useCallback(() => setTurn(before => before + 1), []) }
}
