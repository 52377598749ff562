/** What the shell may offer next. The scripts ask `vireo complete` with the words typed so far. */
import type { CommandSpec } from './command-spec.ts'
import { needsConnections } from './command-spec.ts'
import type { Parts } from './parts.ts'
import { Session } from './session.ts'
import { printable } from './text.ts'

const CONNECTION: ReadonlySet<string> = new Set(['-c', '--connection'])
const EXTRA = ['serve', 'completion']
/** Nobody waits longer for a Tab, in milliseconds. */
const PATIENCE_MS = 3000

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `_vireo() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$(printf %q "$line")")
  done < <(vireo complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
# A URI is one word.
COMP_WORDBREAKS=\${COMP_WORDBREAKS//:/}
complete -F _vireo vireo`,
  zsh: `#compdef vireo
_vireo() {
  local -a found
  found=("\${(@f)$(vireo complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  [[ -n "$found" ]] && compadd -a found
}
compdef _vireo vireo`,
  fish: `function __vireo_complete
  set -l words (commandline -opc)
  vireo complete -- $words[2..] (commandline -ct) 2>/dev/null
end
complete -c vireo -f -a '(__vireo_complete)'`,
}

export const completionScript = (shell: string): string => SCRIPTS[shell] ?? ''

const flagsOf = (spec: CommandSpec): string[] => [
  ...spec.options.map(({ flags }) => flags.split(' ')[0] ?? ''),
  '--connection',
  ...(spec.entry.kind === 'call' ? ['--json'] : []),
]

/** Names of machines in which the command makes sense, or the connections. */
const targets = async (
  spec: CommandSpec,
  connections: readonly string[] | undefined,
  parts: Parts,
): Promise<string[]> => {
  const wants = needsConnections(spec) || spec.positionals.some(({ kind }) => kind === 'connection')
  if (!wants) return []
  const session = new Session(await parts.createBackend({ connections }), false)
  try {
    if (spec.positionals[0]?.kind === 'connection') {
      return (await session.known('connection', 'list')).map(({ uri }) => uri)
    }
    const when = spec.entry.when
    // Names are known as soon as a connection is open.
    await session.known('connection', 'list')
    const domains = await session.known('domain', 'list', { partial: true })
    return domains.filter(({ state }) => !when || when.includes(state)).map(({ name }) => name)
  } finally {
    session.dispose()
  }
}

/** Takes apart what was typed before: the positional arguments, and the connections that were named. */
const argumentsIn = (spec: CommandSpec, words: readonly string[]) => {
  const valued = new Set(spec.options.flatMap(({ flags, type }) => (type === 'boolean' ? [] : flags.split(' ')[0])))
  const typed: string[] = []
  let connections: string[] | undefined
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (CONNECTION.has(word)) connections = [...(connections ?? []), words[++at] ?? '']
    else if (valued.has(word)) at++
    else if (!word.startsWith('-')) typed.push(word)
  }
  return { typed, connections }
}

/** Connections may be named before the command too. */
const splitEarly = (line: readonly string[]): { early: readonly string[]; words: readonly string[] } => {
  let at = 0
  while (CONNECTION.has(line[at] ?? '') && line.length > at + 2) at += 2
  return { early: line.slice(0, at), words: line.slice(at) }
}

/** `line` is the words after `vireo`; the last one is being typed. One candidate a line: names with line ends are left out. */
export const complete = async (
  specs: readonly CommandSpec[],
  line: readonly string[],
  parts: Parts,
): Promise<string[]> => {
  const { early, words } = splitEarly(line)
  const current = words.at(-1) ?? ''
  const starting = (candidates: readonly string[]) =>
    [...new Set(candidates)].filter(one => one.startsWith(current) && printable(one) === one).sort()
  if (CONNECTION.has(words[0] ?? '') && words.length === 2) return []
  if (words[0] === 'completion' && words.length > 1) return starting(['bash', 'zsh', 'fish'])
  // A verb may be of two words; of those that begin as typed, the next word is offered.
  const before = words.slice(0, -1).join(' ')
  const spec = specs.find(({ verb }) => before === verb || before.startsWith(`${verb} `))
  if (!spec) {
    const verbs = [...specs.map(({ verb }) => verb), ...EXTRA].map(verb => verb.split(' '))
    const next = verbs.filter(verb => verb.slice(0, words.length - 1).join(' ') === before)
    return starting(next.flatMap(verb => verb[words.length - 1] ?? []))
  }
  const previous = words.at(-2) ?? ''
  if (CONNECTION.has(previous)) return []
  const valued = spec.options.find(({ flags, type }) => type !== 'boolean' && flags.startsWith(`${previous} `))
  if (valued) return starting(valued.choices)
  if (current.startsWith('-')) return starting(flagsOf(spec))
  const { typed, connections } = argumentsIn(spec, [...early, ...words.slice(spec.verb.split(' ').length, -1)])
  if (typed.length >= spec.positionals.length || spec.positionals[0]?.kind === 'text') return []
  const late = new Promise<string[]>(resolve => setTimeout(() => resolve([]), PATIENCE_MS).unref())
  return starting(await Promise.race([targets(spec, connections, parts), late]))
}
