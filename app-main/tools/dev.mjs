import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { bundles, removeOldPieces } from './build.mjs'
import { nodeProgram, root } from './paths.mjs'
import { exits, setup } from './setup.mjs'

/** Runs `vireo serve` and replaces it on every call of `restart`. */
const server = args => {
  let child
  let due
  const start = () => {
    child = spawn(nodeProgram(), [join(root, 'out/main/cli.js'), 'serve', ...args], { cwd: root, stdio: 'inherit' })
    child.on('error', error => console.error(`dev: ${error.message}`))
  }
  const restart = () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return start()
    child.once('exit', start)
    child.kill('SIGTERM')
  }
  return {
    // Several bundles end together; one restart is enough.
    restart: () => {
      clearTimeout(due)
      due = setTimeout(restart, 200)
    },
    stop: () => child?.kill('SIGTERM'),
  }
}

const announce = restart => ({
  name: 'restart',
  setup(bundle) {
    bundle.onEnd(result => {
      if (result.errors.length > 0) return
      removeOldPieces(result)
      restart()
    })
  },
})

const dev = async args => {
  const ready = await setup({ yes: args.includes('--yes') })
  if (ready === exits.failed) return ready
  // Not before setup: on a new clone these are not there yet.
  const [{ context }, { build: vite }] = await Promise.all([import('esbuild'), import('vite')])
  process.env.NODE_ENV = 'development'
  await vite({ root: join(root, 'app-renderer'), mode: 'development', build: { watch: {}, minify: false } })
  const running = server(args.filter(arg => arg !== '--yes'))
  const contexts = await Promise.all(
    bundles.map((options, index) =>
      context({
        ...{ ...options, absWorkingDir: root },
        plugins: [...(options.plugins ?? []), ...(index === 0 ? [announce(running.restart)] : [])],
      }),
    ),
  )
  await Promise.all(contexts.map(bundle => bundle.watch()))
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      running.stop()
      process.exit(0)
    })
  }
  return 0
}

process.exitCode = await dev(process.argv.slice(2))
