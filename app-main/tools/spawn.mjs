import { spawn } from 'node:child_process'
import { root } from './paths.mjs'

/** Runs a program with our terminal and gives its exit code; 127 when it is not there. Signals go through to it. */
export const runThrough = (command, args, options = {}) =>
  new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', ...options })
    const pass = signal => child.kill(signal)
    const signals = ['SIGTERM', 'SIGHUP', 'SIGINT']
    for (const signal of signals) process.on(signal, pass)
    const done = code => {
      for (const signal of signals) process.off(signal, pass)
      resolve(code)
    }
    child.on('error', error => {
      console.error(`${command}: ${error.message}`)
      done(127)
    })
    child.on('exit', (code, signal) => done(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })

/** Runs a program and gives its exit code and what it said. */
export const capture = (command, args, options = {}) =>
  new Promise(resolve => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options })
    let output = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    child.on('error', error => resolve({ code: 127, output: `${command}: ${error.message}` }))
    child.on('close', code => resolve({ code: code ?? 1, output }))
  })
