import { pathToFileURL } from 'node:url'
import { importWalls } from './import-walls.mjs'
import { node24, nodeProgram, root } from './paths.mjs'
import { capture } from './spawn.mjs'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const bin = name => join(root, 'node_modules/.bin', name)

const tool = (name, args) => async () => capture(existsSync(node24) ? node24 : nodeProgram(), [bin(name), ...args])

const walls = async () => {
  const broken = importWalls()
  return { code: broken.length > 0 ? 1 : 0, output: broken.join('\n') }
}

const lint = async () => {
  const parts = await Promise.all([
    tool('oxlint', ['--type-aware', '--deny-warnings', '--report-unused-disable-directives'])(),
    tool('prettier', ['--check', '--log-level', 'warn', '.'])(),
    walls(),
  ])
  return {
    code: parts.some(part => part.code !== 0) ? 1 : 0,
    output: parts
      .filter(part => part.code !== 0)
      .map(part => part.output.trim())
      .join('\n'),
  }
}

const steps = { lint, types: tool('tsc', ['-b', '--pretty', 'false']) }

/** Lint (with format and import walls) and types: one result each. */
export const check = async () => {
  const results = []
  for (const [name, step] of Object.entries(steps)) {
    const { code, output } = await step()
    if (code !== 0) console.error(`${output.trim()}\n\n${name}: failed`)
    else console.log(`${name}: passed`)
    results.push({ name, passed: code === 0 })
  }
  return results
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.exitCode = (await check()).every(result => result.passed) ? 0 : 1
}
