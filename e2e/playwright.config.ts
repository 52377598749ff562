import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from '@playwright/test'

const installed = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  .flatMap(name => (process.env.PATH ?? '').split(':').map(folder => join(folder, name)))
  .find(existsSync)

// The distribution's own browser: Playwright's would be a download.
const args = ['--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update']

export default defineConfig({
  testDir: 'spec',
  outputDir: '../out/test-results',
  globalSetup: './fixture/playwright-setup.ts',
  // Two cores and software emulation.
  workers: 1,
  timeout: 60_000,
  forbidOnly: Boolean(process.env.CI),
  // Emulated guests share two cores with the browser there, and each one that starts changes the network under Chromium.
  retries: process.env.CI ? 1 : 0,
  use: {
    locale: 'en-GB',
    viewport: { width: 1280, height: 800 },
    // Recording every picture of the window costs as much as drawing it: in CI only what failed once is recorded.
    trace: process.env.CI ? 'on-first-retry' : 'retain-on-failure',
    screenshot: 'only-on-failure',
    // The processor draws every step of every animation.
    contextOptions: { reducedMotion: 'reduce' },
    launchOptions: {
      // Chromium refuses its sandbox to root; only tests may do without.
      chromiumSandbox: process.getuid?.() !== 0,
      args: [...args, '--disable-sync', '--disable-gpu'],
      ...(installed && { executablePath: installed }),
    },
  },
})
