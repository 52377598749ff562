#!/usr/bin/env node
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath, pathToFileURL } from 'node:url'

// Plain and alone: it must start at once, on an old Node, before anything is installed.
const at = path => fileURLToPath(new URL(`../../${path}`, import.meta.url))

const program = at('out/main/cli.js')
const recent = Number(process.versions.node.split('.')[0]) >= 24
const node = recent ? process.execPath : at('node_modules/.bin/node')

const fail = text => {
  console.error(`vireo: ${text}`)
  process.exit(1)
}

if (!existsSync(node)) fail(`Node 24 or newer is needed, this is ${process.versions.node}. Run "npm start" once.`)

if (!existsSync(program)) {
  // What the build says must not mix with what the command prints.
  const built = spawnSync(node, [at('app-main/tools/build.mjs')], { stdio: ['ignore', 2, 2] })
  if (built.status !== 0 && !existsSync(program)) fail('it could not be built. Run "npm start" once.')
}

if (recent) {
  // As an address: in a path “%” and “#” would mean something.
  await import(pathToFileURL(program).href)
} else {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' })
  // A terminal sends Ctrl+C to both; we only have to outlive the child.
  process.on('SIGINT', () => undefined)
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', error => fail(error.message))
  child.on('exit', (code, signal) => {
    if (signal) process.removeAllListeners(signal)
    if (signal) process.kill(process.pid, signal)
    else process.exitCode = code
  })
}
