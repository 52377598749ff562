/** The administrator's scripts around a freeze: a database flushes before it and goes on after it. */
import * as v from 'valibot'
import { namesIn } from '../files.ts'
import type { Runner } from '../runner.ts'
import { here, SysError, type Sys } from '../sys.ts'

const HOOK_MS = 30_000
const OUTPUT_CHARACTERS = 1000

export const HookResult = v.object({ name: v.string(), exit_code: v.nullable(v.number()), output: v.string() })
export type HookResult = v.InferOutput<typeof HookResult>

/** Nobody but root may decide what root runs. */
const isTrusted = (sys: Sys, path: string, kind: 'file' | 'directory'): boolean => {
  const stat = sys.statAt(here, path, true)
  return stat.kind === kind && stat.uid === sys.uid && (stat.mode & 0o022) === 0
}

const isExecutable = (sys: Sys, path: string): boolean =>
  isTrusted(sys, path, 'file') && (sys.statAt(here, path, true).mode & 0o100) !== 0

/** Executable files in the order of their names; left-overs of editors and package tools are none. */
export const hooksIn = (sys: Sys, directory: string): string[] => {
  const names = namesIn(sys, directory).filter(
    name => /^[\w-][\w.-]*$/.test(name) && !/\.(dpkg|rpm|bak|orig)/.test(name),
  )
  if (names.length === 0 || !isTrusted(sys, directory, 'directory')) return []
  return names.toSorted().filter(name => isExecutable(sys, `${directory}/${name}`))
}

const runHook = async (
  sys: Sys,
  runner: Runner,
  directory: string,
  name: string,
  word: 'freeze' | 'thaw',
): Promise<HookResult> => {
  try {
    const end = await runner.run({ args: [`${directory}/${name}`, word], timeout: HOOK_MS, limit: 4096 })
    const output = sys.decode(end.stdout) + sys.decode(end.stderr)
    return { name, exit_code: end.code, output: output.slice(0, OUTPUT_CHARACTERS) }
  } catch (error) {
    if (!(error instanceof SysError)) throw error
    return { name, exit_code: 127, output: error.message }
  }
}

/** Before a freeze the first failure ends it: the rest was not asked. After it everybody gets a turn. */
export const runHooks = async (
  sys: Sys,
  runner: Runner,
  directory: string,
  word: 'freeze' | 'thaw',
): Promise<HookResult[]> => {
  const results: HookResult[] = []
  for (const name of hooksIn(sys, directory)) {
    const result = await runHook(sys, runner, directory, name, word)
    results.push(result)
    if (word === 'freeze' && result.exit_code !== 0) break
  }
  return results
}
