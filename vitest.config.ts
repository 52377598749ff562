import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { alias } from './app-renderer/vite.config.ts'

// A busy two-core computer may stall a test for seconds: only one that hangs shall fail by time.
const testTimeout = 30_000
// On two cores vitest would run one file at a time.
const maxWorkers = 2
const setupFiles = ['./e2e/fixture/fail-on-console.ts', './e2e/fixture/fresh-file.ts']

/** Files of integration tests that take minutes or nearly one, longest first. */
const long = [
  'agent-debian',
  'create-debian',
  'guest-qemu-ga',
  'agent-install',
  'cli-guest',
  'kvm-guest',
  'kvm-conformance',
]

/** A long file that begins last would have one core to itself, and the other nothing to do. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = long.findIndex(name => moduleId.endsWith(`/integration/${name}.test.ts`))
      return place < 0 ? long.length : place
    }
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other))
  }
}

// vitest reads the default export: the one place where the tool leaves no choice.
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          // To start a process and load everything anew for each file took longer than its tests.
          isolate: false,
          include: [
            'app-main/**/*.test.{ts,mjs}',
            'guest-agent-bridge/**/*.test.{ts,mjs}',
            'e2e/fixture/**/*.test.ts',
            'e2e/bench/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**'],
          setupFiles,
          testTimeout,
          maxWorkers,
          // Some of these race real processes over sockets; vitest names what needed its second try.
          retry: process.env.CI ? 1 : 0,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'renderer',
          environment: 'happy-dom',
          include: ['app-renderer/**/*.test.{ts,tsx}'],
          isolate: false,
          // A worker is kept for files of its own project only.
          sequence: { groupOrder: 1 },
          // Style sheets stay empty, but a test reads their text.
          css: { include: [/[?&]raw$/] },
          exclude: ['**/node_modules/**'],
          setupFiles: [...setupFiles, './e2e/fixture/fresh-window.ts'],
          testTimeout,
          maxWorkers,
        },
      },
      {
        test: {
          name: 'integration',
          environment: 'node',
          include: ['e2e/integration/**/*.test.ts'],
          globalSetup: ['./e2e/fixture/global-setup.ts'],
          setupFiles,
          testTimeout: 120_000,
          // Emulated guests on a busy computer; and a daemon that crashed needs a moment to be there again.
          retry: process.env.CI ? { count: 1, delay: 3000 } : 0,
          hookTimeout: 300_000,
          // Two cores and software emulation: guests that boot side by side only slow each other down.
          maxWorkers: 2,
        },
      },
    ],
  },
})
