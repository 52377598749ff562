import type { DomainId, FirstBoot } from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { useClient, useOnline } from '../../store/hooks.ts'

/** Machines whose first start this window has seen: who comes back to one is not made to wait again. */
const begun = new Set<DomainId>()

interface Told {
  readonly id: DomainId
  readonly boot: FirstBoot | null
}

/** How far the first start of a machine is that this Vireo made; null for all others. Begins to follow one that is alive. */
export const useFirstBoot = (id: DomainId, alive: boolean): FirstBoot | null => {
  const client = useClient()
  const online = useOnline()
  const [told, setTold] = useState<Told | null>(null)
  useEffect(() => {
    if (!online) return undefined
    let heard = false
    let current = true
    const end = client.create.bootChanged(boot => {
      if (boot.id !== id) return
      heard = true
      setTold({ id, boot })
    })
    const ask = async (): Promise<void> => {
      const boot = await client.create.bootState({ id })
      if (!current) return
      // What was told meanwhile is newer.
      if (!heard) setTold({ id, boot })
      const open = boot?.steps.some(({ state }) => state === 'waiting') ?? false
      if (!alive || !open || begun.has(id)) return
      begun.add(id)
      await client.create.firstBoot({ id })
    }
    // Who cannot be asked now is asked again with the next connection; nobody waits for an answer here.
    ask().catch(() => undefined)
    return () => {
      current = false
      end()
    }
  }, [client, online, id, alive])
  return told?.id === id ? told.boot : null
}
