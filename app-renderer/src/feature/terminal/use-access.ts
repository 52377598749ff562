import type { AppError, DomainSummary, SshAccess } from '@vireo/app-main/contract'
import { useCallback, useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'

export interface AccessReading {
  readonly access: SshAccess | null
  readonly error: AppError | null
  /** Asks again. */
  readonly reload: () => void
  /** Takes what a change answered. */
  readonly take: (access: SshAccess) => void
}

/** How a machine is reached, kept up to date while `wanted`. */
export const useAccess = ({ id, addresses }: DomainSummary, wanted: boolean): AccessReading => {
  const client = useClient()
  const [access, setAccess] = useState<SshAccess | null>(null)
  const [error, setError] = useState<AppError | null>(null)
  const take = useCallback((answer: SshAccess) => {
    setAccess(answer)
    setError(null)
  }, [])
  const reload = useCallback(() => {
    client.ssh.access({ id }).then(take, (thrown: unknown) => setError(appErrorOf(thrown)))
  }, [client, id, take])
  // A machine that starts gets its address late.
  const known = addresses.map(({ ip }) => ip).join(' ')
  useEffect(() => {
    if (wanted) reload()
  }, [wanted, reload, known])
  useEffect(() => {
    if (!wanted) return undefined
    return client.ssh.changed(reload)
  }, [client, wanted, reload])
  return { access, error, reload, take }
}
