/** `REMOTE_DOMAIN_GET_INFO` or `remote_domain_get_info` to `remoteDomainGetInfo`. */
export function camelCase(name: string): string {
  const words = name.toLowerCase().split('_')
  return words.map((word, index) => (index === 0 ? word : capitalized(word))).join('')
}

/** `remote_typed_param` to `RemoteTypedParam`, `virNetMessageHeader` to `VirNetMessageHeader`. */
export function pascalCase(name: string): string {
  return name.split('_').map(capitalized).join('')
}

function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
