/** Which places the rules allow. Paths are compared by component: `/tmp/vireo` does not allow `/tmp/vireo2`. */
import { failedWith, here, type Sys } from './sys.ts'
import type { SecurityRules } from './config.ts'

const MAX_LINKS = 40

/** Is this the folder, or something below it? Both are clean absolute paths. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || folder === '/' || path.startsWith(`${folder}/`)

const components = (path: string): string[] => path.split('/').filter(part => part !== '' && part !== '.')

/** A link that anybody may have put there would let him choose what the rule means. */
const trustedLink = (sys: Sys, path: string): string | null => {
  try {
    const stat = sys.statAt(here, path)
    return stat.kind === 'link' && (stat.uid === 0 || stat.uid === sys.uid) ? sys.readLinkAt(here, path) : null
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EINVAL', 'ELOOP')) return null
    throw error
  }
}

/** Where a rule's path really is: links by root (or the agent's user) are followed, `..` is resolved, what is not there stays as it is. */
export const placeOfRule = (sys: Sys, rule: string): string => {
  const rest = components(rule)
  const done: string[] = []
  let links = 0
  for (let part = rest.shift(); part !== undefined; part = rest.shift()) {
    if (part === '..') {
      done.pop()
      continue
    }
    const path = `/${[...done, part].join('/')}`
    const target = links < MAX_LINKS ? trustedLink(sys, path) : null
    if (target === null) {
      done.push(part)
      continue
    }
    links++
    if (target.startsWith('/')) done.length = 0
    rest.unshift(...components(target))
  }
  return `/${done.join('/')}`
}

const allows = (sys: Sys, path: string, list: readonly string[]): boolean =>
  list.some(rule => isWithin(path, placeOfRule(sys, rule)))

export const mayRead = (sys: Sys, rules: SecurityRules, path: string): boolean =>
  (rules.readPaths === null || allows(sys, path, rules.readPaths)) && !allows(sys, path, rules.denyReadPaths)

export const mayWrite = (sys: Sys, rules: SecurityRules, path: string): boolean =>
  rules.writePaths.every(list => allows(sys, path, list))
