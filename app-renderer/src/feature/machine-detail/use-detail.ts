import type { AppError, DomainDetail, DomainSummary } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'

export interface Detail {
  /** The last known one, null until the first arrived. */
  readonly detail: DomainDetail | null
  readonly error: AppError | null
}

const NOTHING: Detail = { detail: null, error: null }

/** Everything about one machine, asked for again whenever its summary changed, or what lies in its drives. */
export const useDetail = (domain: DomainSummary): Detail => {
  const client = useClient()
  const { id } = domain
  const [media, setMedia] = useState(0)
  useEffect(
    () => client.media.changed(changed => (changed.id === id ? setMedia(count => count + 1) : undefined)),
    [client, id],
  )
  const [known, setKnown] = useState<Detail & { id: string }>({ ...NOTHING, id })
  useEffect(() => {
    let current = true
    client.domain.get({ id }).then(
      detail => (current ? setKnown({ id, detail, error: null }) : undefined),
      thrown =>
        current
          ? setKnown(before => ({ id, detail: before.id === id ? before.detail : null, error: appErrorOf(thrown) }))
          : undefined,
    )
    return () => {
      current = false
    }
  }, [client, id, domain, media])
  return known.id === id ? known : NOTHING
}
