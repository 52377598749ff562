import type {
  AppError,
  ConnectionUri,
  HostInterface,
  NetworkField,
  NetworkIssue,
  NetworkPlan,
} from '@vireo/app-main/contract'
import { useEffect, useState } from 'react'
import { appErrorOf } from '../../store/app-error.ts'
import { useClient } from '../../store/hooks.ts'
import { type Draft, emptyDraft, inputOf } from './network-draft.ts'

/** Milliseconds after the last key. */
const CHECK_MS = 250

interface Checked {
  /** What was checked. */
  readonly draft: Draft | null
  readonly issues: readonly NetworkIssue[]
  readonly plan: NetworkPlan | null
  readonly error: AppError | null
}

const UNCHECKED: Checked = { draft: null, issues: [], plan: null, error: null }
const NO_FIELD: ReadonlySet<NetworkField> = new Set()

/** Has the server look at what is filled in, a moment after every change. */
const useCheck = (connection: ConnectionUri, draft: Draft): Checked => {
  const client = useClient()
  const [checked, setChecked] = useState(UNCHECKED)
  useEffect(() => {
    let current = true
    const timer = setTimeout(() => {
      client.network.check(inputOf(connection, draft)).then(
        ({ issues, plan }) => (current ? setChecked({ draft, issues, plan, error: null }) : undefined),
        thrown => (current ? setChecked({ ...UNCHECKED, draft, error: appErrorOf(thrown) }) : undefined),
      )
    }, CHECK_MS)
    return () => {
      current = false
      clearTimeout(timer)
    }
  }, [client, connection, draft])
  return checked
}

/** The bridges and interfaces a network can lead to, and the free subnet; proposed as long as nobody typed one. */
const useHost = (connection: ConnectionUri, propose: (subnet: string) => void): readonly HostInterface[] => {
  const client = useClient()
  const [interfaces, setInterfaces] = useState<readonly HostInterface[]>([])
  useEffect(() => {
    let current = true
    client.network.host({ connection }).then(
      host => {
        if (!current) return
        setInterfaces(host.interfaces ?? [])
        if (host.freeSubnet !== null) propose(host.freeSubnet)
      },
      // The check tells what is the matter with the connection.
      () => (current ? setInterfaces([]) : undefined),
    )
    return () => {
      current = false
    }
  }, [client, connection, propose])
  return interfaces
}

export const useDraft = (makers: readonly ConnectionUri[], onBegun: () => void) => {
  const client = useClient()
  const [connection, setConnection] = useState<ConnectionUri | undefined>(makers[0])
  const uri = connection ?? ('' as ConnectionUri)
  const [draft, setDraft] = useState(() => emptyDraft(null))
  const [touched, setTouched] = useState(NO_FIELD)
  const [pending, setPending] = useState(false)
  const [failure, setFailure] = useState<AppError | null>(null)
  const [propose] = useState(() => (subnet: string) => {
    setDraft(before => (before.subnet === '' ? { ...before, subnet } : before))
  })
  const interfaces = useHost(uri, propose)
  const checked = useCheck(uri, draft)
  const change = (part: Partial<Draft>): void => {
    setDraft(before => ({ ...before, ...part }))
    setTouched(before => new Set([...before, ...(Object.keys(part) as NetworkField[])]))
    setFailure(null)
  }
  const create = async (): Promise<void> => {
    if (pending) return
    setPending(true)
    try {
      await client.network.create({ ...inputOf(uri, draft), autostart: draft.autostart, start: true })
      onBegun()
    } catch (thrown) {
      setFailure(appErrorOf(thrown))
      setPending(false)
    }
  }
  return {
    ...{ connection: uri, draft, change, touched, interfaces, pending, create },
    choose: (next: ConnectionUri) => {
      // Another computer has other addresses.
      if (!touched.has('subnet')) setDraft(before => ({ ...before, subnet: '' }))
      setConnection(next)
    },
    issues: checked.issues,
    plan: checked.draft === draft ? checked.plan : null,
    error: failure ?? checked.error,
    checking: checked.draft !== draft,
  }
}
