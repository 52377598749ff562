import { ConnectionUri, RemoteError } from '../../contract/index.ts'

/** Takes what a person typed; whether a driver serves it is the registry's to say. Throws `invalid-input`. */
export const checkedUri = (typed: ConnectionUri): ConnectionUri => {
  const uri = typed.trim()
  const scheme = /^[a-z][a-z0-9-]*(?:\+[a-z0-9]+)?(?=:\/\/[^\s\p{Cc}]*$)/iu.exec(uri)?.[0]
  // What the contract does not take here it could not give back either.
  const { data } = ConnectionUri.safeParse(scheme && scheme.toLowerCase() + uri.slice(scheme.length))
  if (data !== undefined) return data
  const shown = uri.length > 80 ? `${uri.slice(0, 80)}…` : uri
  throw new RemoteError({
    kind: 'invalid-input',
    message: `“${shown}” is not a connection URI.`,
    hint: 'Examples: qemu:///system, qemu:///session, lxd:///, test:///default.',
  })
}
