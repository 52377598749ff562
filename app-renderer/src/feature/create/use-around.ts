/** Everything that the wizard knows about where it makes machines. */
import type { ConnectionUri, CreateOptions, FoundSshKey, Unfinished } from '@vireo/app-main/contract'
import { useCallback, useEffect, useMemo } from 'react'
import { useStore } from 'zustand'
import { useClient, useConnections, useStores } from '../../store/hooks.ts'
import { firstOffer, type Offers, offersOf, proposalOf } from './sources.ts'
import { type Reading, useReading } from './use-reading.ts'
import { dispatch, useWizard } from './wizard-store.ts'

export interface Around {
  readonly connection: ConnectionUri
  readonly places: readonly ConnectionUri[]
  /** Somebody has to unlock the connection first. */
  readonly readOnly: boolean
  readonly offers: Reading<Offers>
  readonly options: Reading<CreateOptions>
  readonly keys: Reading<readonly FoundSshKey[]>
  /** Null while nobody knows. */
  readonly hostCpus: number | null
  readonly taken: ReadonlySet<string>
  /** What an ended Vireo left half-made, on every connection. */
  readonly unfinished: readonly Unfinished[]
  /** Their names on this one. */
  readonly half: ReadonlySet<string>
  /** What the machines that run there were given. */
  readonly usage: { readonly vcpus: number; readonly memoryBytes: number }
}

const NOTHING: readonly Unfinished[] = []
const ALIVE: ReadonlySet<string> = new Set(['running', 'paused', 'suspended', 'shutting-down'])

const useMachines = (connection: ConnectionUri): Pick<Around, 'taken' | 'usage'> => {
  const { domains } = useStores()
  const byId = useStore(domains.state, state => state.byId)
  return useMemo(() => {
    const own = [...byId.values()].filter(one => one.connection === connection)
    const alive = own.filter(({ state }) => ALIVE.has(state))
    return {
      taken: new Set(own.map(({ name }) => name)),
      usage: {
        vcpus: alive.reduce((sum, { vcpus }) => sum + (vcpus ?? 0), 0),
        memoryBytes: alive.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0),
      },
    }
  }, [byId, connection])
}

const useOffers = (): Reading<Offers> => {
  const client = useClient()
  const ask = useCallback(async () => {
    const [catalogue, { images }] = await Promise.all([client.image.catalogue({}), client.image.list({})])
    return offersOf(catalogue, images)
  }, [client])
  const offers = useReading(ask)
  const { again } = offers
  useEffect(() => client.image.changed(again), [client, again])
  return offers
}

const useUnfinished = (): readonly Unfinished[] => {
  const client = useClient()
  const { tasks } = useStores()
  const ask = useCallback(() => client.create.unfinished({}), [client])
  const { value, again } = useReading(ask)
  useEffect(() => tasks.onEnded(({ room }) => (room === 'create' ? again() : undefined)), [tasks, again])
  return value ?? NOTHING
}

/** Figures that change by themselves are read anew where they are looked at, and when machines come and go. */
const useFresh = (again: () => void, { usage }: Pick<Around, 'usage'>): void => {
  const step = useWizard(state => state.step)
  const looked = step === 'resources' || step === 'disks' || step === 'network'
  useEffect(() => {
    if (looked) again()
  }, [looked, step, usage, again])
}

export const useAround = (places: readonly ConnectionUri[], first: ConnectionUri): Around => {
  const client = useClient()
  const wanted = useWizard(state => state.draft.connection)
  const connection = wanted !== null && places.includes(wanted) ? wanted : first
  const facts = useConnections().get(connection)
  const readOnly = facts?.readOnly ?? false
  const hostCpus = facts?.host?.cpus ?? null
  const askOptions = useMemo(
    // Only full access is told what a host can give.
    () => (readOnly ? null : () => client.create.options({ connection })),
    [client, connection, readOnly],
  )
  const askKeys = useCallback(() => client.create.sshKeys({}), [client])
  const options = useReading(askOptions)
  const offers = useOffers()
  const machines = useMachines(connection)
  const keys = useReading(askKeys)
  const unfinished = useUnfinished()
  const half = useMemo(
    () => new Set(unfinished.filter(one => one.connection === connection).map(({ name }) => name)),
    [unfinished, connection],
  )
  useFresh(options.again, machines)
  return { connection, places, readOnly, hostCpus, offers, options, keys, unfinished, half, ...machines }
}

/** As long as nobody chose, the first source reachable now is chosen. */
export const useFirstOffer = ({ offers, hostCpus, taken, half }: Around): void => {
  const chosen = useWizard(state => state.draft.source)
  useEffect(() => {
    if (chosen !== null || offers.value === null) return
    const offer = firstOffer(offers.value)
    if (!offer) return
    const proposal = proposalOf(offer, new Set([...taken, ...half]), hostCpus)
    dispatch({ type: 'source', source: offer.source, proposal, offer: true })
  }, [chosen, offers.value, hostCpus, taken, half])
}
