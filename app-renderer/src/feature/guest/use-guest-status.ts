import type { AppError, DomainSummary, GuestStatus } from '@vireo/app-main/contract'
import { useCallback, useEffect, useState } from 'react'
import { useClient, useConnection } from '../../store/hooks.ts'
import { useReading } from './use-reading.ts'

export interface GuestStatusReading {
  /** Null until it is known. */
  readonly status: GuestStatus | null
  /** Why it is not known. */
  readonly error: AppError | null
  /** The connection is for looking only: nobody inside is asked. */
  readonly locked: boolean
  readonly reload: () => void
}

/** Who answers inside a machine: asked when it is first shown, told from then on. */
export const useGuestStatus = (domain: DomainSummary, shown: boolean): GuestStatusReading => {
  const client = useClient()
  const { id } = domain
  const read = useCallback(() => client.guest.status({ id }), [client, id])
  const locked = useConnection(domain.connection)?.readOnly === true
  const { value, error, reload } = useReading(read, { shown: shown && !locked })
  const [told, setTold] = useState<GuestStatus | null>(null)
  useEffect(() => client.guest.changed(status => (status.id === id ? setTold(status) : undefined)), [client, id])
  const status = told?.id === id ? told : value
  const again = useCallback(() => {
    setTold(null)
    reload()
  }, [reload])
  return { status, error: status ? null : error, locked, reload: again }
}
